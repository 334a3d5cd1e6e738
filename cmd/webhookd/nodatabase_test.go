package main

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestPromise1_DiskFull fills the database's disk while webhooks pour in. Postgres refuses what needs room, and ends when
// its log finds none; then somebody makes room and starts it.
func TestPromise1_DiskFull(t *testing.T) {
	for _, c := range []struct {
		name string
		ends bool
	}{{"there is no room for tables", false}, {"there is no room for the log", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			postgres, database := pg.SmallDisk(t, 200)
			r := newRigOn(t, database)
			s := r.startProcess(t, shortLease)
			feed, _, _ := s.extent(t)
			l := s.load(t, r.createPaid(t, 600), 8)
			l.reaches(100)
			must(t, postgres.FillDisk())
			if c.ends {
				r.useUpTheLog(t)
			}
			before := l.refused.Load()
			eventually(t, "webhooks are refused", func() bool { return l.refused.Load() > before+20 })
			t.Logf("%d webhooks were accepted before the disk was full to the last page", l.accepted.Load())
			if code := s.status(t, s.admin+"/livez"); code != 200 {
				t.Errorf("/livez says %d", code)
			}
			must(t, postgres.EmptyDisk())
			start, want := time.Now(), l.accepted.Load()+1
			eventually(t, "webhooks are accepted again", func() bool {
				if postgres.PID() == 0 {
					t.Log("Postgres had ended")
					must(t, postgres.Restart(t.Context()))
				}
				return l.accepted.Load() >= want
			})
			t.Logf("webhooks are accepted again %s after there was room", time.Since(start))
			l.paidOnce(feed)
			if missing := r.missing(t, l.all()); len(missing) > 0 {
				t.Errorf("%d of %d accepted webhooks are gone", len(missing), len(l.ids))
			}
		})
	}
}

// useUpTheLog has Postgres want new files for its log until it can make none, and ends all connections for that.
func (r *rig) useUpTheLog(t *testing.T) {
	t.Helper()
	conn := r.connect(t)
	defer conn.Close(t.Context())
	for range 100 {
		if _, err := conn.Exec(t.Context(), `select pg_logical_emit_message(false, '', ''), pg_switch_wal()`); err != nil {
			t.Logf("Postgres said: %v", err)
			return
		}
	}
	t.Error("the log still finds room")
}

// TestPromise1_TooManyConnections has others take every connection that the database gives.
func TestPromise1_TooManyConnections(t *testing.T) {
	t.Parallel()
	_, database := pg.Server(t)
	r := newRigOn(t, database)
	s := r.startProcess(t, shortLease)
	feed, _, _ := s.extent(t)
	ids := r.createPaid(t, 50)
	others := r.takeAllConnections(t)
	code, header := s.webhook(ids[0])
	if code != 503 || header.Get("Retry-After") == "" {
		t.Errorf("a webhook was answered %d, Retry-After %q", code, header.Get("Retry-After"))
	}
	if code := s.api(t, "GET", "/v1/orders/"+ids[0], "", nil); code != 503 {
		t.Errorf("a read was answered %d", code)
	}
	if code := s.status(t, s.admin+"/readyz"); code != 503 {
		t.Errorf("/readyz says %d", code)
	}
	l := s.load(t, ids, 4)
	eventually(t, "webhooks are refused", func() bool { return l.refused.Load() > 20 })
	for _, conn := range others {
		must(t, conn.Close(t.Context()))
	}
	t.Logf("webhooks are accepted again %s after there were connections", l.reaches(1))
	l.paidOnce(feed)
}

// takeAllConnections takes the service's too.
func (r *rig) takeAllConnections(t *testing.T) (all []*pgx.Conn) {
	t.Helper()
	all = append(all, r.connect(t))
	eventually(t, "others have all connections", func() bool {
		conn, err := pgx.Connect(t.Context(), r.database)
		var pg *pgconn.PgError
		switch {
		case err == nil:
			all = append(all, conn)
			return false
		case !errors.As(err, &pg) || pg.Code != "53300":
			t.Fatal(err)
		}
		tag, err := all[0].Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
			where application_name = 'webhookd'`)
		must(t, err)
		return tag.RowsAffected() == 0
	})
	return all
}
