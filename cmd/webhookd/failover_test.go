package main

import (
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/pgdev"
)

// TestPromise10_FailOver loses the primary while webhooks pour in, and has the standby take over. Nobody restarts the
// service or tells it anything: its URL names both.
func TestPromise10_FailOver(t *testing.T) {
	for name, lose := range map[string]func(*failOver){
		"the primary dies":                           func(f *failOver) { must(f.t, f.primary.Crash()) },
		"the primary hangs":                          func(f *failOver) { must(f.t, f.primary.Freeze()) },
		"the primary dies, cut off from the standby": (*failOver).withoutTheStandby,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failOver{t: t}
			var database string
			f.primary, f.standby, database = pg.Pair(t)
			r := newRigOn(t, database)
			f.s = r.startProcess(t, shortLease)
			feed, _, _ := f.s.extent(t)
			f.load = f.s.load(t, r.createPaid(t, 600), 8)
			f.load.reaches(150)
			f.told = f.s.feed(t)
			lost := time.Now()
			lose(f)
			must(t, f.standby.Promote(t.Context()))
			t.Logf("the standby took over %s after it began", time.Since(lost))
			f.load.reaches(1)
			t.Logf("webhooks are accepted again %s after it began", time.Since(lost))
			f.load.reaches(150)
			// The former primary comes back, and is still the first in the URL.
			must(t, f.primary.Demote(t.Context()))
			f.load.paidOnce(feed)
			f.toldStill()
			r.database = f.standby.URL("app")
			if missing := r.missing(t, f.load.all()); len(missing) > 0 {
				t.Errorf("%d of %d accepted webhooks are gone", len(missing), len(f.load.ids))
			}
			if code := f.s.stop(); code != 0 {
				t.Errorf("the service stopped with %d", code)
			}
		})
	}
}

// failOver is what a primary is lost in.
type failOver struct {
	t                *testing.T
	primary, standby *pgdev.Server
	s                *instance
	load             *load
	told             []event // before the primary was lost
}

// withoutTheStandby stops what sends the primary's log to the standby, and waits until commits were given up. The feed
// must not tell of what the standby will never get.
func (f *failOver) withoutTheStandby() {
	conn, err := pgx.Connect(f.t.Context(), f.primary.URL("app"))
	must(f.t, err)
	var sender int
	must(f.t, conn.QueryRow(f.t.Context(), `select pid from pg_stat_replication`).Scan(&sender))
	must(f.t, syscall.Kill(sender, syscall.SIGSTOP))
	// The load may be through by now. When a webhook is refused, what was under way before it has been given up too.
	eventually(f.t, "a webhook is refused", func() bool {
		code, _ := f.s.webhook(f.load.ids[0])
		return code == 503
	})
	f.told = f.s.feed(f.t)
	must(f.t, conn.Close(f.t.Context()))
	must(f.t, f.primary.Crash())
}

// toldStill fails unless the feed begins with what it told before.
func (f *failOver) toldStill() {
	f.t.Helper()
	now := f.s.feed(f.t)
	for i, e := range f.told {
		if i >= len(now) || now[i].OrderID != e.OrderID || now[i].Type != e.Type {
			f.t.Fatalf("event %d was told, and is no more: %+v", i+1, e)
		}
	}
}

// TestPromise10_ConnectionsCut has somebody end all our connections again and again while webhooks pour in.
func TestPromise10_ConnectionsCut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.startProcess(t, shortLease)
	feed, _, _ := s.extent(t)
	l := s.load(t, r.createPaid(t, 400), 8)
	cuts := 0
	conn := r.connect(t)
	for l.accepted.Load() < int64(len(l.ids)) && !t.Failed() {
		l.reaches(10)
		tag, err := conn.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and application_name = 'webhookd' and pid <> pg_backend_pid()`)
		must(t, err)
		cuts += int(tag.RowsAffected())
	}
	t.Logf("%d connections were cut", cuts)
	if cuts < 20 {
		t.Errorf("%d connections were cut: the test shows little", cuts)
	}
	l.paidOnce(feed)
}
