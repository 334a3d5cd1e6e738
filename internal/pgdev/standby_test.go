package pgdev_test

import (
	"context"
	"testing"

	"webhookd/internal/pgdev"
)

// TestStandbyTakesOver loses the primary at once after a commit, and finds the commit on the standby.
func TestStandbyTakesOver(t *testing.T) {
	t.Parallel()
	s := start(t, pgdev.Options{})
	execute(t, s, "create table kept (n int)")
	standby, err := s.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	if !query[bool](t, standby, "select pg_is_in_recovery()") {
		t.Error("the standby is none")
	}
	execute(t, s, "insert into kept values (42)")
	if err := s.Crash(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := query[int](t, standby, "select n from kept"); n != 42 {
		t.Errorf("the row is %d on the standby, want 42", n)
	}
	execute(t, standby, "insert into kept values (43)") // and waits for nobody
	if err := standby.Promote(t.Context()); err == nil {
		t.Error("a primary was promoted")
	}
	if err := s.Demote(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !query[bool](t, s, "select pg_is_in_recovery()") {
		t.Error("the old primary takes writes")
	}
}
