package store_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"webhookd/internal/store"
	"webhookd/migrations"
)

func TestPromise10_ReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{2, 3} {
		t.Run(fmt.Sprint(replicas), func(t *testing.T) {
			t.Parallel()
			database := pg.Empty(t)
			steps := make([]int, replicas)
			var starts sync.WaitGroup
			for i := range replicas {
				starts.Go(func() {
					var err error
					if steps[i], err = store.Migrate(t.Context(), database); err != nil {
						t.Errorf("replica %d: %v", i, err)
					}
				})
			}
			starts.Wait()
			total := 0
			for _, n := range steps {
				total += n
			}
			list, err := store.Migrations(t.Context(), database)
			if err != nil || total != len(list) {
				t.Errorf("the replicas took %v steps, want %d among them: %v", steps, len(list), err)
			}
			newBenchWith(t, database, defaultRules()).see(t, document(t, fixturePaid))
		})
	}
}

// TestPromise10_OlderReleasesMigrateFirst holds the lock in a session, as goose does and so did releases before.
func TestPromise10_OlderReleasesMigrateFirst(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	older, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer older.Close(t.Context())
	if _, err := older.Exec(t.Context(), `select pg_advisory_lock($1)`, lock.DefaultLockID); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() {
		_, err := store.Migrate(t.Context(), database)
		migrated <- err
	}()
	select {
	case err := <-migrated:
		t.Errorf("Migrate did not wait: %v", err)
	case <-time.After(time.Second):
	}
	if err := older.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Error(err)
	}
}

// TestMigrateStopsWhenItsTurnIsLost cuts the connection that holds the lock in the middle of a step.
func TestMigrateStopsWhenItsTurnIsLost(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	b := newBenchWith(t, database, defaultRules())
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `create table orders (n int)`); err != nil { // the first step waits for us
		t.Fatal(err)
	}
	type outcome struct {
		steps int
		err   error
	}
	migrated := make(chan outcome, 1)
	go func() {
		steps, err := store.Migrate(t.Context(), database)
		migrated <- outcome{steps, err}
	}()
	eventually(t, "the first step waits", func() bool {
		return one[int](t, b, `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`) > 0
	})
	if n := one[int](t, b, `select count(pg_terminate_backend(l.pid))
		from pg_locks l join pg_database d on d.oid = l.database
		where l.locktype = 'advisory' and d.datname = current_database()`); n != 1 {
		t.Fatalf("%d connections held the lock", n)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := <-migrated; m.steps != 1 || !store.Unavailable(m.err) {
		t.Errorf("Migrate took %d steps, and said %v", m.steps, m.err)
	}
	if n, err := store.Migrate(t.Context(), database); n == 0 || err != nil {
		t.Errorf("Migrate after that took %d steps: %v", n, err)
	}
}

func TestMigrationsSayWhatIsApplied(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	b := newBenchWith(t, database, defaultRules())
	state := func() (applied, missing int, current bool) {
		t.Helper()
		list, err := store.Migrations(t.Context(), database)
		if err != nil || len(list) == 0 {
			t.Fatalf("%d migrations, %v", len(list), err)
		}
		for i, m := range list {
			if m.Version != int64(i+1) || !strings.HasSuffix(m.Name, ".sql") {
				t.Errorf("migration %+v", m)
			}
			if m.Applied {
				applied++
			} else {
				missing++
			}
		}
		if current, err = b.SchemaCurrent(t.Context()); err != nil {
			t.Fatal(err)
		}
		return applied, missing, current
	}
	if current, err := b.SchemaCurrent(t.Context()); current || err != nil {
		t.Errorf("an empty database is current: %t, %v", current, err)
	}
	if applied, missing, current := state(); applied != 0 || missing == 0 || current {
		t.Errorf("before: %d applied, %d missing, current %t", applied, missing, current)
	}
	for _, want := range []bool{true, false} {
		if n, err := store.Migrate(t.Context(), database); err != nil || (n > 0) != want {
			t.Errorf("Migrate took %d steps, %v", n, err)
		}
	}
	if applied, missing, current := state(); applied == 0 || missing != 0 || !current {
		t.Errorf("after: %d applied, %d missing, current %t", applied, missing, current)
	}
	// The next release has migrated already, and this one still runs.
	b.exec(t, `insert into goose_db_version (version_id, is_applied) values (99999, true)`)
	if current, err := b.SchemaCurrent(t.Context()); !current || err != nil {
		t.Errorf("with a newer schema: current %t, %v", current, err)
	}
	b.exec(t, `delete from goose_db_version where version_id > 0`)
	if current, err := b.SchemaCurrent(t.Context()); current || err != nil {
		t.Errorf("with an older schema: current %t, %v", current, err)
	}
}

func TestMigrationsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	database := pg.New(t)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	var left int
	err = pool.QueryRow(t.Context(), `select count(*) from pg_tables
		where schemaname = 'public' and tablename <> 'goose_db_version'`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d tables are left: %v", left, err)
	}
	if n, err := store.Migrate(t.Context(), database); err != nil || n == 0 {
		t.Errorf("Migrate after that took %d steps, %v", n, err)
	}
}

func TestFailedMigrationIsAnError(t *testing.T) {
	t.Parallel()
	database := pg.Empty(t)
	b := newBenchWith(t, database, defaultRules())
	b.exec(t, `create table orders (mine text)`)
	if n, err := store.Migrate(t.Context(), database); err == nil || n != 0 || store.Unavailable(err) {
		t.Errorf("Migrate over somebody's tables took %d steps, %v", n, err)
	}
	if current, err := b.SchemaCurrent(t.Context()); current || err != nil {
		t.Errorf("current %t, %v", current, err)
	}
}

// TestPromise9_ErrorsNeverHoldThePassword provokes every kind of trouble with a database URL.
func TestPromise9_ErrorsNeverHoldThePassword(t *testing.T) {
	t.Parallel()
	_, database := pg.Server(t)
	good, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	b := newBenchWith(t, database, defaultRules())
	b.exec(t, `create role shop login password 'right'`)
	b.exec(t, `copy (values ('host all shop 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust'))
		to program 'cat > pg_hba.conf'`)
	b.exec(t, `select pg_reload_conf()`)
	const secret = "hunter2"
	host, dsn := good.Host, "host=127.0.0.1 port="+good.Port()+" user=shop dbname=app password="
	eventually(t, "the server asks for passwords", func() bool {
		_, err := store.Migrate(t.Context(), dsn+"wrong")
		return err != nil
	})
	for name, c := range map[string]struct {
		url         string
		unavailable bool
	}{
		"wrong password":                  {"postgres://shop:" + secret + "@" + host + "/app?sslmode=disable", false},
		"wrong password, as DSN":          {dsn + secret, false},
		"no such database":                {"postgres://postgres:" + secret + "@" + host + "/none?sslmode=disable", false},
		"nobody there":                    {"postgres://shop:" + secret + "@127.0.0.1:1/app?sslmode=disable", true},
		"a slash in the password":         {"postgres://shop:1/" + secret + "@" + host + "/app", false},
		"an at and a slash in it":         {"postgres://shop:p@1/" + secret + "@" + host + "/app", false},
		"a question mark in it":           {"postgres://shop:1?" + secret + "@" + host + "/app", false},
		"a percent sign in it":            {"postgres://shop:%" + secret + "@" + host + "/app", false},
		"a space in it":                   {"postgres://shop:a " + secret + "@" + host + "/app", false},
		"not a URL":                       {"postgres//shop:" + secret + "@" + host, false},
		"a DSN with an unclosed quote":    {"host=127.0.0.1 password='" + secret, false},
		"a setting that there is not":     {"postgres://postgres:" + secret + "@" + host + "/app?sslmode=" + secret, false},
		"a port that is not":              {"postgres://shop:" + secret + "@127.0.0.1:port/app", false},
		"several hosts, nobody at either": {"postgres://shop:" + secret + "@127.0.0.1:1,127.0.0.1:2/app", true},
	} {
		for what, err := range errorsOf(t, c.url) {
			if err == nil || strings.Contains(fmt.Sprintf("%v %+v %q", err, err, err), secret) {
				t.Errorf("%s: %s says %v", name, what, err)
			}
			if store.Unavailable(err) != c.unavailable {
				t.Errorf("%s: %s: Unavailable is %t for %v", name, what, !c.unavailable, err)
			}
			if strings.HasPrefix(name, "wrong password") && !strings.Contains(err.Error(), "28P01") {
				t.Errorf("%s: %s: %v, want the server to have asked for the password", name, what, err)
			}
		}
	}
}

// errorsOf tries everything that takes a URL.
func errorsOf(t testing.TB, database string) map[string]error {
	t.Helper()
	_, migrate := store.Migrate(t.Context(), database)
	_, list := store.Migrations(t.Context(), database)
	pool, open := store.Open(t.Context(), database, 1)
	if open == nil {
		b := newBenchOn(t, pool, defaultRules())
		open = b.Ping(t.Context())
	}
	return map[string]error{"Migrate": migrate, "Migrations": list, "Open and Ping": open}
}
