// Package pgtest gives each test a Postgres database of its own.
//
//	var pg = pgtest.Template{Migrate: store.Migrate}
//
//	func TestMain(m *testing.M) { os.Exit(pg.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		url := pg.New(t)
//		...
//	}
//
// The first test that asks starts one server for the test binary and migrates one database, the template. Every
// other database is a copy of the template's files, made in some milliseconds however many migrations there are.
// Tests may commit and compete as in production, and run in parallel.
//
// With PGTEST_POOLER=transaction in the environment, or session, all of them go through a PgBouncer.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/pgdev"
)

const (
	// template is the name of the migrated database.
	template = "tmpl"
	// appDatabase is the name of the database on a test's own server.
	appDatabase = "app"
	// cleanupTimeout bounds what follows a test, whose own context has ended by then.
	cleanupTimeout = 30 * time.Second
	// fileCopyVersion is the first server_version_num that has to be told to copy a template's files.
	fileCopyVersion = 150_000
)

// Template prepares one migrated database for a test binary and copies it for each test. A test package declares
// one as a variable, and hands TestMain to its Main. It is used through a pointer, and not copied.
type Template struct {
	// Migrate brings an empty database to the newest schema. It leaves no connection open: a database in use cannot
	// be copied. Nil leaves the template empty.
	Migrate func(ctx context.Context, databaseURL string) error

	inMain   bool // written before any test runs
	start    sync.Once
	err      error // why there is no server
	server   *pgdev.Server
	admin    *pgxpool.Pool
	strategy string // the clause of CREATE DATABASE that makes it quick, where the server has one
	last     atomic.Int64

	startPooler sync.Once
	poolerErr   error // why there is no pooler
	pooler      *pgdev.Pooler
}

// Main runs the tests and then stops the server, if one was needed. It returns the exit status for os.Exit. No
// goroutine of this package is left then, so a TestMain may look for leaked ones after it.
func (p *Template) Main(m *testing.M) int {
	p.inMain = true
	status := m.Run()
	if err := p.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(status, 1)
	}
	return status
}

// New returns the URL of a fresh migrated database. It is dropped after the test, with the connections still open
// to it.
func (p *Template) New(t testing.TB) string {
	t.Helper()
	p.ready(t)
	return p.route(t, p.create(t, "template "+template))
}

// Empty returns the URL of a fresh database without any migration. It is dropped after the test.
func (p *Template) Empty(t testing.TB) string {
	t.Helper()
	p.ready(t)
	return p.route(t, p.create(t, "template template0"))
}

// Server starts a server for this test alone, which may crash, freeze and restart it, and returns it with the URL
// of a migrated database on it. What a client was told is committed outlives [pgdev.Server.Crash]. The server is
// stopped after the test.
func (p *Template) Server(t testing.TB) (*pgdev.Server, string) {
	t.Helper()
	s := p.startOwn(t, pgdev.Options{})
	return s, s.URL(appDatabase)
}

// SmallDisk is Server with a disk of so many megabytes, which the test may fill. Where there is no such thing the test
// is left out.
func (p *Template) SmallDisk(t testing.TB, megabytes int) (*pgdev.Server, string) {
	t.Helper()
	s := p.startOwn(t, pgdev.Options{
		DiskMB: megabytes, Settings: map[string]string{"max_wal_size": "64MB", "min_wal_size": "32MB"},
	})
	return s, s.URL(appDatabase)
}

// Pair is Server with a standby that each commit waits for. The URL names both.
func (p *Template) Pair(t testing.TB) (primary, standby *pgdev.Server, database string) {
	t.Helper()
	primary = p.startOwn(t, pgdev.Options{})
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	stopAfter(t, standby)
	first, err := url.Parse(primary.URL(appDatabase))
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	second, err := url.Parse(standby.URL(appDatabase))
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	first.Host += "," + second.Host
	return primary, standby, first.String()
}

// startOwn starts a server for one test, with a migrated database.
func (p *Template) startOwn(t testing.TB, o pgdev.Options) *pgdev.Server {
	t.Helper()
	// The pages that Postgres has written are safe with the kernel when only Postgres dies, so fsync may stay off.
	settings := map[string]string{"synchronous_commit": "on", "full_page_writes": "on"}
	maps.Copy(settings, o.Settings)
	o.Settings = settings
	s, err := pgdev.Start(t.Context(), o)
	if errors.Is(err, pgdev.ErrNoDisk) {
		LeaveOut(t, err.Error())
	}
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	stopAfter(t, s)
	if err := p.prepare(t.Context(), s, appDatabase); err != nil {
		t.Fatal("pgtest: ", err)
	}
	return s
}

func stopAfter(t testing.TB, s *pgdev.Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), cleanupTimeout)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error("pgtest: ", err)
		}
	})
}

// ready starts the server unless an earlier test has.
func (p *Template) ready(t testing.TB) {
	t.Helper()
	if !p.inMain {
		t.Fatal("pgtest: TestMain does not call Main, so nothing would stop the server")
	}
	p.start.Do(func() { p.err = p.startServer(t.Context()) })
	if p.err != nil {
		t.Fatal("pgtest: ", p.err)
	}
}

func (p *Template) create(t testing.TB, from string) string {
	t.Helper()
	name := fmt.Sprintf("t_%d", p.last.Add(1))
	if _, err := p.admin.Exec(t.Context(), "create database "+name+" "+from+" "+p.strategy); err != nil {
		t.Fatalf("pgtest: create database %s: %v", name, err)
	}
	t.Cleanup(func() { p.drop(t, name) })
	return p.server.URL(name)
}

func (p *Template) drop(t testing.TB, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), cleanupTimeout)
	defer cancel()
	if _, err := p.admin.Exec(ctx, "drop database if exists "+name+" with (force)"); err != nil {
		t.Errorf("pgtest: drop database %s: %v", name, err)
	}
}

func (p *Template) startServer(ctx context.Context) error {
	var err error
	if p.server, err = pgdev.Start(ctx, pgdev.Options{}); err != nil {
		return err
	}
	if err := p.prepare(ctx, p.server, template); err != nil {
		return err
	}
	// The pool outlives the test whose context this is.
	if p.admin, err = pgxpool.New(context.WithoutCancel(ctx), p.server.URL("postgres")); err != nil {
		return err
	}
	var version int
	row := p.admin.QueryRow(ctx, "select current_setting('server_version_num')::int")
	if err := row.Scan(&version); err != nil {
		return fmt.Errorf("version of the server: %w", err)
	}
	// With no disk to wait for, copying the files is quicker than the default, writing them to the log.
	if version >= fileCopyVersion {
		p.strategy = "strategy file_copy"
	}
	// Nobody can connect any more: what a test wrote there would be in every copy.
	if _, err := p.admin.Exec(ctx, "alter database "+template+" with allow_connections false"); err != nil {
		return fmt.Errorf("close the template: %w", err)
	}
	return nil
}

// prepare makes a database and migrates it.
func (p *Template) prepare(ctx context.Context, s *pgdev.Server, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+name)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	if p.Migrate == nil {
		return nil
	}
	if err := p.Migrate(ctx, s.URL(name)); err != nil {
		return fmt.Errorf("migrate database %s: %w", name, err)
	}
	return nil
}

func (p *Template) stop() error {
	if p.admin != nil {
		p.admin.Close()
	}
	if p.pooler != nil {
		p.pooler.Stop()
	}
	if p.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	return p.server.Stop(ctx)
}
