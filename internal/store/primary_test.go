package store_test

import (
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/pgdev"
	"webhookd/internal/store"
)

// TestPromise10_ConnectionsToAFormerPrimaryAreDropped has a primary turn read-only under open connections, as one whose
// place another has taken. The pool must not keep them: they would refuse what is written for ever, and show what is
// getting old to who reads.
func TestPromise10_ConnectionsToAFormerPrimaryAreDropped(t *testing.T) {
	t.Parallel()
	former, primary, database := pg.Pair(t)
	b := newHastyBench(t, database, defaultRules())
	b.hint(t, anOrder)
	c := b.claimOne(t)
	fillPool(t, b.pool)
	execOn(t, former.URL("app"), `alter system set default_transaction_read_only = on`)
	execOn(t, former.URL("app"), `select pg_reload_conf()`)
	if err := primary.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	in := b.NewIntake(idle{})
	var refused *pgconn.PgError
	eventually(t, "the former primary refuses a write", func() bool {
		err := in.Hint(t.Context(), "refused")
		if err != nil && !store.Unavailable(err) {
			t.Fatal(err)
		}
		return errors.As(err, &refused)
	})
	if refused.Code != "25006" {
		t.Fatalf("the former primary said %v", refused)
	}
	if err := in.Hint(t.Context(), "found"); err != nil {
		t.Errorf("right after that: %v", err)
	}
	b.answer(t, c, paid(t, anOrder))
	b.wantFeed(t, "order.paid")
	eventually(t, "no connection to the former primary is left", func() bool {
		return countOn(t, former.URL("app"),
			`select count(*) from pg_stat_activity where application_name = 'webhookd'`) == 0
	})
	if n := countOn(t, primary.URL("app"), `select count(*) from checks where order_id = 'found'`); n != 1 {
		t.Error("the primary has no hint")
	}
}

// fillPool has the pool make all its connections.
func fillPool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	var all []*pgxpool.Conn
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, conn)
	}
	for _, conn := range all {
		conn.Release()
	}
}

func execOn(t testing.TB, database, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func countOn(t testing.TB, database, query string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSeveralHostsLeadToThePrimary names the standby first.
func TestSeveralHostsLeadToThePrimary(t *testing.T) {
	t.Parallel()
	primary, standby, _ := pg.Pair(t)
	hosts := func(first, second string) string {
		return "host=127.0.0.1,127.0.0.1 port=" + first + "," + second + " user=postgres dbname=app sslmode=disable"
	}
	database := hosts(portOf(t, standby.URL("app")), portOf(t, primary.URL("app")))
	b := newBenchWith(t, database, defaultRules())
	var hints sync.WaitGroup
	for range 8 {
		hints.Go(func() {
			if err := b.NewIntake(idle{}).Hint(t.Context(), anOrder); err != nil {
				t.Error(err)
			}
		})
	}
	hints.Wait()
	if n, err := store.Migrate(t.Context(), database); n != 0 || err != nil {
		t.Errorf("Migrate took %d steps, %v", n, err)
	}
	any := newBenchWith(t, database+" target_session_attrs=any", defaultRules())
	if !one[bool](t, any, `select pg_is_in_recovery()`) {
		t.Error("a URL that says any does not lead to the first host")
	}
}

func portOf(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// TestPromise10_NothingIsToldThatTheStandbyLacks has the standby hang while an answer is applied. The commit waits for
// it, and is given up. Were it cancelled, the primary would show what the standby lacks, and consumers of the feed would
// read an event that is no more once the standby takes over.
func TestPromise10_NothingIsToldThatTheStandbyLacks(t *testing.T) {
	t.Parallel()
	t.Run("direct", func(t *testing.T) {
		t.Parallel()
		nothingIsTold(t, false)
	})
	t.Run("through a pooler", func(t *testing.T) {
		t.Parallel()
		nothingIsTold(t, true)
	})
}

func nothingIsTold(t *testing.T, pooled bool) {
	t.Helper()
	primary, standby, database := pg.Pair(t)
	if pooled {
		p, err := primary.Pooler(t.Context(), pgdev.PoolerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
		database = p.URL("app")
	}
	b := newHastyBench(t, database, defaultRules())
	b.hint(t, anOrder)
	c := b.claimOne(t)
	if err := standby.Freeze(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Apply(t.Context(), answered(c, paid(t, anOrder))); !store.Unavailable(err) {
		t.Fatalf("Apply without the standby: %v, want Unavailable", err)
	}
	if err := b.NewIntake(idle{}).Hint(t.Context(), "hinted"); !store.Unavailable(err) {
		t.Errorf("Hint without the standby: %v, want Unavailable", err)
	}
	over := time.After(8 * time.Second) // with the three that Hint took, longer than a statement may take
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		if n := countOn(t, primary.URL("app"), `select (select count(*) from events) +
			(select count(*) from checks where order_id = 'hinted')`); n != 0 {
			t.Fatal("what the standby lacks is seen on the primary")
		}
		select {
		case <-tick.C:
		case <-over:
			waiting = false
		}
	}
	if err := standby.Thaw(); err != nil {
		t.Fatal(err)
	}
	// It was committed after all, and is seen as soon as the standby has it.
	eventually(t, "the event is told", func() bool { return len(b.feed(t)) > 0 })
	b.wantFeed(t, "order.paid")
}

// TestPromise10_AFormerPrimaryTellsNothing of the feed when it has come back without taking writes: it may show events
// that the new primary lacks.
func TestPromise10_AFormerPrimaryTellsNothing(t *testing.T) {
	t.Parallel()
	_, url := pg.Server(t) // no pooler, which would keep connections made before
	b := newBenchWith(t, url, defaultRules())
	b.see(t, paid(t, anOrder))
	b.wantFeed(t, "order.paid")
	b.exec(t, `do $$ begin
		execute format('alter database %I set default_transaction_read_only = on', current_database());
	end $$`)
	former := newBenchWith(t, url, defaultRules())
	if page, err := former.Events(t.Context(), "", 0, 10); !store.Unavailable(err) {
		t.Errorf("Events: %+v, %v, want Unavailable", page, err)
	}
	if extent, err := former.Extent(t.Context()); !store.Unavailable(err) {
		t.Errorf("Extent: %+v, %v, want Unavailable", extent, err)
	}
}
