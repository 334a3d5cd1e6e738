package pgdev_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/pgdev"
)

// TestPoolerSharesServerProcesses has two clients take turns with one server process, which only transaction mode does,
// and finds the server again after its restart.
func TestPoolerSharesServerProcesses(t *testing.T) {
	t.Parallel()
	s := start(t, pgdev.Options{})
	p := startPooler(t, s, pgdev.PoolerOptions{Settings: map[string]string{"default_pool_size": "1"}})
	seen := map[int]bool{}
	for range 2 {
		conn, err := pgx.Connect(t.Context(), p.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		var pid int
		if err := conn.QueryRow(t.Context(), "select pg_backend_pid()", pgx.QueryExecModeExec).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		seen[pid] = true
	}
	if len(seen) != 1 {
		t.Errorf("two clients had the server processes %v, want one", seen)
	}
	if err := s.Crash(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the pooler finds the server again", func() bool { return connect(t, p.URL("postgres")) == nil })
	url := p.URL("postgres")
	if err := p.Restart(t.Context()); err != nil || p.URL("postgres") != url || connect(t, url) != nil {
		t.Errorf("after a restart the pooler is at %s, want %s: %v", p.URL("postgres"), url, err)
	}
	p.Stop()
	if err := connect(t, p.URL("postgres")); err == nil {
		t.Error("after Stop the pooler takes connections")
	}
}

// TestPoolerIsLedToTheStandby loses the primary, and leads the pooler to what took its place, for good.
func TestPoolerIsLedToTheStandby(t *testing.T) {
	t.Parallel()
	s := start(t, pgdev.Options{})
	standby, err := s.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	p := startPooler(t, s, pgdev.PoolerOptions{})
	leadsTo := func(want string) bool {
		conn, err := pgx.Connect(t.Context(), p.URL("postgres"))
		if err != nil {
			return false
		}
		defer conn.Close(t.Context())
		var port string
		err = conn.QueryRow(t.Context(), "show port", pgx.QueryExecModeSimpleProtocol).Scan(&port)
		return err == nil && strings.Contains(want, ":"+port+"/")
	}
	if !leadsTo(s.URL("postgres")) {
		t.Error("the pooler does not lead to its server")
	}
	if err := errors.Join(s.Crash(), standby.Promote(t.Context()), p.Point(standby)); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the pooler leads to the standby", func() bool { return leadsTo(standby.URL("postgres")) })
	if err := errors.Join(s.Demote(t.Context()), p.Restart(t.Context())); err != nil || !leadsTo(standby.URL("postgres")) {
		t.Errorf("after a restart the pooler leads elsewhere: %v", err)
	}
}

func TestPoolerSaysWhatIsMissing(t *testing.T) {
	s := start(t, pgdev.Options{})
	t.Setenv("PGBOUNCER", "/nowhere/pgbouncer")
	if _, err := s.Pooler(t.Context(), pgdev.PoolerOptions{}); err == nil {
		t.Error("a pooler started that is not there")
	}
	t.Setenv("PGBOUNCER", "")
	if _, err := s.Pooler(t.Context(), pgdev.PoolerOptions{Mode: "no-such-mode"}); err == nil {
		t.Error("a pooler started in a mode that there is not")
	}
}

func startPooler(t *testing.T, s *pgdev.Server, o pgdev.PoolerOptions) *pgdev.Pooler {
	t.Helper()
	p, err := s.Pooler(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}
