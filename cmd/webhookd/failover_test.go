package main

import (
	"testing"
	"time"

	"webhookd/internal/pgdev"
)

// TestPromise10_FailOver loses the primary while webhooks pour in, and has the standby take over. Nobody restarts the
// service or tells it anything: its URL names both.
func TestPromise10_FailOver(t *testing.T) {
	for _, c := range []struct {
		name string
		lose func(*pgdev.Server) error
	}{
		{"the primary dies", (*pgdev.Server).Crash},
		{"the primary hangs", (*pgdev.Server).Freeze},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			primary, standby, database := pg.Pair(t)
			r := newRigOn(t, database)
			s := r.startProcess(t, shortLease)
			feed, _, _ := s.extent(t)
			l := s.load(t, r.createPaid(t, 600), 8)
			l.reaches(150)
			lost := time.Now()
			must(t, c.lose(primary))
			must(t, standby.Promote(t.Context()))
			t.Logf("the standby took over %s after the primary was lost", time.Since(lost))
			l.reaches(1)
			t.Logf("webhooks are accepted again %s after the primary was lost", time.Since(lost))
			l.reaches(150)
			// The former primary comes back, and is still the first in the URL.
			must(t, primary.Demote(t.Context()))
			l.paidOnce(feed)
			r.database = standby.URL("app")
			if missing := r.missing(t, l.all()); len(missing) > 0 {
				t.Errorf("%d of %d accepted webhooks are gone", len(missing), len(l.ids))
			}
			if code := s.stop(); code != 0 {
				t.Errorf("the service stopped with %d", code)
			}
		})
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
