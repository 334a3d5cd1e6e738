package pgdev_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/pgdev"
)

// These variables make the test binary a parent that starts a server and waits to be killed.
const (
	parentKind = "PGDEV_TEST_PARENT"     // throw-away, kept, frozen or disk
	parentDir  = "PGDEV_TEST_PARENT_DIR" // of a kept cluster
)

// runParent prints the server's URL and data folder and waits until its standard input ends.
func runParent() int {
	o := pgdev.Options{}
	switch os.Getenv(parentKind) {
	case "kept":
		o.Dir = os.Getenv(parentDir)
	case "disk":
		o.DiskMB = diskMB
	}
	s, err := pgdev.Start(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	url := s.URL("postgres")
	data, err := dataFolder(url)
	if err == nil && os.Getenv(parentKind) == "frozen" {
		err = s.Freeze()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(url, data)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func dataFolder(url string) (data string, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	return data, conn.QueryRow(ctx, "show data_directory").Scan(&data)
}

func TestServerEndsWithItsParent(t *testing.T) {
	for _, kind := range []string{"throw-away", "kept", "frozen"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := startParent(t, kind, folder(t))
			if _, err := os.Stat(filepath.Join(p.data, "postmaster.pid")); err != nil {
				t.Fatalf("before the parent is killed: %v", err)
			}
			began := time.Now()
			p.kill(t)
			waitUntil(t, "the server has ended", func() bool {
				_, err := os.Stat(filepath.Join(p.data, "postmaster.pid"))
				return os.IsNotExist(err) && connectBriefly(t, p.url) != nil
			})
			t.Logf("gone %v after its parent", time.Since(began))
		})
	}
}

func TestKeptClusterOfAKilledParentIsOpenedAtOnce(t *testing.T) {
	dir := folder(t)
	p := startParent(t, "kept", dir)
	p.kill(t)
	s := start(t, pgdev.Options{Dir: filepath.Join(dir, "cluster")})
	if got := query[string](t, s, "show data_directory"); got != p.data {
		t.Errorf("data folder = %s, want the parent's %s", got, p.data)
	}
}

func TestStartRemovesWhatDeadProcessesLeft(t *testing.T) {
	tmp := folder(t)
	p := startParent(t, "throw-away", tmp)
	p.kill(t)
	t.Setenv("TMPDIR", tmp)
	alive := start(t, pgdev.Options{})
	aliveDir := filepath.Dir(query[string](t, alive, "show data_directory"))
	deadDir := filepath.Dir(p.data)
	strangeDir := filepath.Join(tmp, "pgdev-notes")
	if err := os.Mkdir(strangeDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(deadDir); err != nil {
		t.Fatalf("a folder younger than %v was removed: %v", pgdev.SettlingTime, err)
	}
	old := time.Now().Add(-2 * pgdev.SettlingTime)
	for _, dir := range []string{aliveDir, deadDir, strangeDir} {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}

	waitUntil(t, "the dead parent's folder is removed", func() bool {
		s, err := pgdev.Start(t.Context(), pgdev.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = os.Stat(deadDir)
		return os.IsNotExist(err)
	})
	for _, dir := range []string{aliveDir, strangeDir} {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("a folder that is not left over was removed: %v", err)
		}
	}
	if n := query[int](t, alive, "select 42"); n != 42 {
		t.Errorf("the living server answers %d, want 42", n)
	}
}

// parent is another run of this test binary, with a server.
type parent struct {
	cmd       *exec.Cmd
	url, data string
}

// startParent returns once the parent's server runs. Its temporary files go into tmp, a kept cluster into
// tmp/cluster.
func startParent(t *testing.T, kind, tmp string) *parent {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, parentKind+"="+kind, parentDir+"="+filepath.Join(tmp, "cluster"))
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // open as long as the test runs
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &parent{cmd: cmd}
	t.Cleanup(func() { p.kill(t) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the parent said %q: %v", line, err)
	}
	var ok bool
	if p.url, p.data, ok = strings.Cut(strings.TrimSpace(line), " "); !ok {
		t.Fatalf("the parent said %q, want its server's URL and data folder", line)
	}
	return p
}

// kill kills the parent in a way that it cannot notice. A second kill does nothing.
func (p *parent) kill(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Errorf("kill the parent: %v", err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

func connectBriefly(t *testing.T, url string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waited two minutes, and not yet: %s", what)
		case <-tick.C:
		}
	}
}
