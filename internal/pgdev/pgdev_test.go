package pgdev_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"webhookd/internal/pgdev"
)

func TestMain(m *testing.M) {
	if os.Getenv(parentKind) != "" {
		os.Exit(runParent())
	}
	goleak.VerifyTestMain(m)
}

func TestStopRemovesAThrowAwayServer(t *testing.T) {
	s := start(t, pgdev.Options{})
	data := query[string](t, s, "show data_directory")
	if _, err := os.Stat(data); err != nil {
		t.Fatalf("while the server runs: %v", err)
	}

	if err := s.Stop(t.Context()); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Stop, data folder: %v, want it gone", err)
	}
	if pid := s.PID(); pid != 0 {
		t.Errorf("after Stop, PID = %d, want 0", pid)
	}
	if err := connect(t, s.URL("postgres")); err == nil {
		t.Error("after Stop the server takes connections")
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("second Stop: %v, want nil", err)
	}
	if err := s.Restart(t.Context()); err == nil {
		t.Error("Restart after Stop: nil, want an error")
	}
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options pgdev.Options
		want    map[string]string
	}{
		{"throw-away", pgdev.Options{}, map[string]string{
			"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
			"listen_addresses": "127.0.0.1", "unix_socket_directories": "",
			"server_encoding": "UTF8", "lc_messages": "C", "TimeZone": "UTC",
		}},
		{"durable", pgdev.Options{Durable: true}, map[string]string{
			"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on",
			"listen_addresses": "127.0.0.1", "unix_socket_directories": "",
		}},
		{
			"caller's",
			pgdev.Options{Settings: map[string]string{"work_mem": "7MB", "autovacuum": "on"}},
			map[string]string{"work_mem": "7MB", "autovacuum": "on", "fsync": "off"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.options)
			for name, want := range tt.want {
				if got := query[string](t, s, "select current_setting('"+name+"')"); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestKeptClusterIsOpenedAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, pgdev.Options{Dir: dir})
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		if got := query[string](t, first, "show "+name); got != "on" {
			t.Errorf("%s = %s in a kept cluster, want on", name, got)
		}
	}
	execute(t, first, "create table kept as select 42 as n")

	want := "in use by process " + strconv.Itoa(os.Getpid())
	if err := startInUse(t, dir); !strings.Contains(err.Error(), want) {
		t.Errorf("Start in a folder in use: %v, want %q", err, want)
	}

	if err := first.Stop(t.Context()); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	began := time.Now()
	second := start(t, pgdev.Options{Dir: dir})
	t.Logf("opened again in %v", time.Since(began))
	if n := query[int](t, second, "select n from kept"); n != 42 {
		t.Errorf("the row came back as %d, want 42", n)
	}
}

// startInUse starts a server where one runs and returns the error. It gives up waiting for the folder early, but not so
// early that it had no time to look at it: how long that is depends on the machine's load.
func startInUse(t *testing.T, dir string) error {
	t.Helper()
	for patience := 250 * time.Millisecond; ; patience *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		s, err := pgdev.Start(ctx, pgdev.Options{Dir: dir})
		cancel()
		if err == nil {
			_ = s.Stop(t.Context())
			t.Fatal("two servers on one folder")
		}
		if strings.Contains(err.Error(), "in use") || patience > 10*time.Second {
			return err
		}
	}
}

func TestCrashAndRestartKeepWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := start(t, pgdev.Options{Durable: true})
	execute(t, s, "create table kept (n int)")
	execute(t, s, "insert into kept values (42)")
	url, pid := s.URL("postgres"), s.PID()

	if err := s.Crash(); err != nil {
		t.Fatalf("Crash: %v", err)
	}
	if err := connect(t, url); err == nil {
		t.Error("after Crash the server takes connections")
	}
	if got := s.PID(); got != 0 {
		t.Errorf("after Crash, PID = %d, want 0", got)
	}
	if err := s.Crash(); err != nil {
		t.Errorf("second Crash: %v, want nil", err)
	}

	began := time.Now()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatalf("Restart: %v", err)
	}
	t.Logf("restarted in %v", time.Since(began))
	if got := s.URL("postgres"); got != url {
		t.Errorf("after Restart, URL = %s, want %s as before", got, url)
	}
	if got := s.PID(); got == 0 || got == pid {
		t.Errorf("after Restart, PID = %d, want a new one (was %d)", got, pid)
	}
	if n := query[int](t, s, "select n from kept"); n != 42 {
		t.Errorf("the row came back as %d, want 42", n)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Errorf("Restart of a running server: %v", err)
	}
}

func TestFrozenServerDoesNotAnswerUntilThawed(t *testing.T) {
	t.Parallel()
	s := start(t, pgdev.Options{})
	open, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close(t.Context())

	if err := s.Freeze(); err != nil {
		t.Fatalf("Freeze: %v", err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := open.Exec(soon, "select 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("query on an open connection: %v, want %v", err, context.DeadlineExceeded)
	}
	soon, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := pgx.Connect(soon, s.URL("postgres")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("new connection: %v, want %v", err, context.DeadlineExceeded)
	}

	if err := s.Thaw(); err != nil {
		t.Fatalf("Thaw: %v", err)
	}
	if n := query[int](t, s, "select 42"); n != 42 {
		t.Errorf("after Thaw a query gave %d, want 42", n)
	}
	if err := s.Freeze(); err != nil {
		t.Fatalf("second Freeze: %v", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("Stop of a frozen server: %v", err)
	}
	if err := s.Freeze(); err == nil {
		t.Error("Freeze of a stopped server: nil, want an error")
	}
}

func TestFailedStartTellsWhatPostgresSaid(t *testing.T) {
	t.Setenv("TMPDIR", folder(t))
	_, err := pgdev.Start(t.Context(), pgdev.Options{Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "no_such_setting"`) {
		t.Errorf("Start: %v, want Postgres' own words", err)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v; want nothing", left, err)
	}
}

func TestPort(t *testing.T) {
	t.Parallel()
	port, err := pgdev.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := pgdev.Start(t.Context(), pgdev.Options{Port: port}); err == nil {
		t.Errorf("Start on a port that is taken: nil, want an error")
		_ = s.Stop(t.Context())
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	s := start(t, pgdev.Options{Port: port})
	if want := ":" + strconv.Itoa(port) + "/shop?sslmode=disable"; !strings.HasSuffix(s.URL("shop"), want) {
		t.Errorf("URL = %s, want it to end in %s", s.URL("shop"), want)
	}
}

func TestCanceledStartLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", folder(t))
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // amid initdb
	defer cancel()
	if _, err := pgdev.Start(ctx, pgdev.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Start: %v, want %v", err, context.DeadlineExceeded)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v; want nothing", left, err)
	}
}

func TestLogGetsWhatTheServerWrites(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := start(t, pgdev.Options{Log: &log})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "database system is ready to accept connections") {
		t.Errorf("log = %q, want the server's", got)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := pgdev.Start(b.Context(), pgdev.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Stop(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// start starts a server and stops it after the test.
func start(t *testing.T, o pgdev.Options) *pgdev.Server {
	t.Helper()
	s, err := pgdev.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return s
}

// folder is a temporary folder that the server's account can enter; t.TempDir lets only the present one in.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "test-of-pgdev-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func query[T any](t *testing.T, s *pgdev.Server, sql string) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func execute(t *testing.T, s *pgdev.Server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func connect(t *testing.T, url string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return err
	}
	return conn.Close(t.Context())
}

// lockedBuffer may be read while the server writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
