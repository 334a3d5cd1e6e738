package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// newPooledPair is two stores on one database, each through a pooler in transaction mode.
func newPooledPair(t testing.TB) (a, b *bench, database string) {
	t.Helper()
	database = pg.New(t)
	pooled := pg.Pooled(t, database)
	return newBenchWith(t, pooled, defaultRules()), newBenchWith(t, pooled, defaultRules()), database
}

// TestWorksThroughAPooler runs orders' lives on two replicas at once, which share three server processes.
func TestWorksThroughAPooler(t *testing.T) {
	t.Parallel()
	a, b, _ := newPooledPair(t)
	ids := []string{"one", "two", "three", "four", "five", "six"}
	var lives sync.WaitGroup
	for i, id := range ids {
		s := []*bench{a, b}[i%2]
		lives.Go(func() {
			for _, doc := range []*nopayn.Order{
				document(t, fixtureProcessing, with("id", id), created(time.Now())), paid(t, id), paid(t, id),
			} {
				if err := s.NewIntake(idle{}).Hint(t.Context(), id); err != nil {
					t.Error(err)
				}
				c, ok, err := s.ClaimNow(t.Context(), id, 0)
				if err != nil || !ok {
					t.Errorf("claim of %s: %t, %v", id, ok, err)
					return
				}
				if _, err := s.Apply(t.Context(), answered(c, doc)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	lives.Wait()
	page, err := a.Events(t.Context(), "", 0, 100)
	if want := 2 * len(ids); err != nil || int(page.Head) != want || len(page.Events) != want {
		t.Errorf("%d events up to %d, want %d: %v", len(page.Events), page.Head, want, err)
	}
}

func TestWholeLifeThroughAPooler(t *testing.T) {
	t.Parallel()
	a, _, _ := newPooledPair(t)
	wholeLife(t, a)
}

// TestNothingIsLeftInAPoolersSessions looks at what strangers would find who are given a server process after us.
func TestNothingIsLeftInAPoolersSessions(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	pooled := pg.Pooled(t, database)
	if _, err := store.Migrate(t.Context(), pooled); err != nil {
		t.Fatal(err)
	}
	wholeLife(t, newBenchWith(t, pooled, defaultRules()))
	conns := make([]pgx.Tx, 3) // all that there are
	for i := range conns {
		conn, err := pgx.Connect(t.Context(), pooled+"&default_query_exec_mode=exec")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if conns[i], err = conn.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		var settings string
		var statements, locks, channels, temporary int
		if err := conns[i].QueryRow(t.Context(), `select
			(select coalesce(string_agg(name, ', '), '') from pg_settings where source = 'session'
				and name not in ('application_name', 'client_encoding', 'transaction_isolation',
					'transaction_read_only', 'transaction_deferrable')),
			(select count(*) from pg_prepared_statements),
			(select count(*) from pg_locks where locktype = 'advisory' and database =
				(select oid from pg_database where datname = current_database())),
			(select count(*) from pg_listening_channels()),
			(select count(*) from pg_class where relpersistence = 't')`,
		).Scan(&settings, &statements, &locks, &channels, &temporary); err != nil {
			t.Fatal(err)
		}
		if settings != "" || statements+locks+channels+temporary > 0 {
			t.Errorf("a session is left with the settings [%s], %d prepared statements, %d advisory locks, %d channels, "+
				"%d temporary tables", settings, statements, locks, channels, temporary)
		}
	}
}

// TestPromise10_ReplicasMigrateThroughAPoolerAtOnce starts three on an empty database, one of which goes there directly.
func TestPromise10_ReplicasMigrateThroughAPoolerAtOnce(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	pooled := pg.Pooled(t, database)
	total, mu := 0, sync.Mutex{}
	var starts sync.WaitGroup
	for _, url := range []string{pooled, pooled, database} {
		starts.Go(func() {
			n, err := store.Migrate(t.Context(), url)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	starts.Wait()
	list, err := store.Migrations(t.Context(), pooled)
	if err != nil || total != len(list) {
		t.Errorf("%d steps were taken of %d: %v", total, len(list), err)
	}
	wholeLife(t, newBenchWith(t, pooled, defaultRules()))
}
