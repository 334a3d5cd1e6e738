package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"webhookd/internal/pgdev/pgtest"
)

var (
	pg         = pgtest.Template{Migrate: migrate}
	migrations atomic.Int64
)

func TestMain(m *testing.M) {
	status := pg.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func migrate(ctx context.Context, url string) error {
	migrations.Add(1)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `
		create table orders (id text primary key);
		insert into orders values ('from the migration')`)
	return errors.Join(err, conn.Close(ctx))
}

func TestNewGivesEachTestItsOwnMigratedDatabase(t *testing.T) {
	before := migrations.Load()
	var mu sync.Mutex
	seen := map[string]bool{}
	t.Run("at once", func(t *testing.T) {
		for i := range 20 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				url := pg.New(t)
				mu.Lock()
				seen[url] = true
				mu.Unlock()
				conn := connect(t, url)
				if _, err := conn.Exec(t.Context(), "insert into orders values ($1)", t.Name()); err != nil {
					t.Fatal(err)
				}
				var ids []string
				err := conn.QueryRow(t.Context(), "select array_agg(id order by id) from orders").Scan(&ids)
				if err != nil {
					t.Fatal(err)
				}
				if len(ids) != 2 || ids[0] != t.Name() {
					t.Errorf("orders = %q, want the migration's and this test's", ids)
				}
			})
		}
	})
	if len(seen) != 20 {
		t.Errorf("20 calls of New gave %d databases", len(seen))
	}
	if n := migrations.Load() - before; n > 1 {
		t.Errorf("migrated %d times for 20 databases, want once at most", n)
	}
	for url := range seen {
		var pgErr *pgconn.PgError
		const noSuchDatabase = "3D000"
		if _, err := pgx.Connect(t.Context(), url); !errors.As(err, &pgErr) || pgErr.Code != noSuchDatabase {
			t.Errorf("after its test, connecting to %s: %v, want SQLSTATE %s", url, err, noSuchDatabase)
		}
	}
}

func TestEmptyHasNoMigrations(t *testing.T) {
	conn := connect(t, pg.Empty(t))
	var n int
	const tables = "select count(*) from pg_tables where schemaname = 'public'"
	if err := conn.QueryRow(t.Context(), tables).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Errorf("an empty database has %d tables", n)
	}
}

func TestServerKeepsWhatWasCommittedBeforeACrash(t *testing.T) {
	t.Parallel()
	server, url := pg.Server(t)
	if _, err := connect(t, url).Exec(t.Context(), "insert into orders values ('committed')"); err != nil {
		t.Fatal(err)
	}
	if err := server.Crash(); err != nil {
		t.Fatalf("Crash: %v", err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatalf("Restart: %v", err)
	}
	var n int
	if err := connect(t, url).QueryRow(t.Context(), "select count(*) from orders").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 2 {
		t.Errorf("%d orders after the crash, want the migration's and the committed one", n)
	}
}

func TestNewFailsTheTestWithoutMain(t *testing.T) {
	unused := pgtest.Template{Migrate: migrate}
	if got := fatal(t, func(t testing.TB) { unused.New(t) }); !strings.Contains(got, "TestMain") {
		t.Errorf("New said %q, want it to speak of TestMain", got)
	}
}

func TestServerFailsTheTestWhenMigrateFails(t *testing.T) {
	broken := pgtest.Template{Migrate: func(context.Context, string) error { return errors.New("syntax error") }}
	if got := fatal(t, func(t testing.TB) { broken.Server(t) }); !strings.Contains(got, "syntax error") {
		t.Errorf("Server said %q, want the migration's error", got)
	}
}

func BenchmarkNew(b *testing.B) {
	conn, err := pgx.Connect(b.Context(), pg.Empty(b)) // starts the server
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	for b.Loop() {
		pg.New(b)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) }) // broken where the server crashed
	return conn
}

// fatal runs f with a test that it may fail, and returns what it failed it with.
func fatal(t *testing.T, f func(testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.said
}

// recorder is a test that takes note of its failure instead of failing.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatal(args ...any) {
	r.said = fmt.Sprint(args...)
	runtime.Goexit()
}

func TestPooledLeadsToTheSameDatabase(t *testing.T) {
	t.Parallel()
	direct := pg.New(t)
	conn, err := pgx.Connect(t.Context(), pg.Pooled(t, direct)+"&default_query_exec_mode=exec")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var name string
	if err := conn.QueryRow(t.Context(), "select current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(direct, "/"+name+"?") {
		t.Errorf("%s leads to %s through the pooler", direct, name)
	}
}
