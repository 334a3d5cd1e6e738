package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// parentDir makes the test binary a demo that keeps its database there and waits to be killed.
const parentDir = "DEMO_TEST_PARENT_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentDir); dir != "" {
		os.Exit(run(context.Background(), []string{"-quiet", "-dir", dir}, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// TestOnce is the whole story, with nothing left out: real Postgres, real webhookd, real HTTP.
func TestOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"--once"}, &stdout, &stderr); status != exitOK {
		t.Fatalf("demo --once: status %d\n%s\n%s", status, &stdout, &stderr)
	}
	t.Logf("\n%s", &stdout)
	story := stdout.String()
	for _, want := range []string{
		`ordered in the shop.*\n.* paid at the gateway.*\n.* webhook received\n` +
			`.* verified by webhook: paid, and may be shipped\n.* visible in the feed`,
		`webhook lost.*\n.* waiting for webhookd.*\n.* verified by (poll|sweep): paid, and may be shipped\n` +
			`.* visible in the feed`,
		`event 1: .*\n`,
		`All is as it should be\.`,
	} {
		if !regexp.MustCompile(want).MatchString(story) {
			t.Errorf("the story lacks %s", want)
		}
	}
	if !strings.Contains(stderr.String(), "webhookd | ") {
		t.Error("the log of webhookd is not passed through")
	}
}

// TestDemoServesUntilItIsToldToEnd starts twice on one database, with the shop's port taken.
func TestDemoServesUntilItIsToldToEnd(t *testing.T) {
	if l, err := listen(t.Context(), shopPort); err == nil {
		defer l.Close() // else another has it, which is as good
	}
	dir := sharedFolder(t)
	for range 2 {
		d := startDemo(t, dir)
		if !strings.Contains(d.said, fmt.Sprintf("Port %d is taken: the shop is at", shopPort)) {
			t.Errorf("it does not say that the port is taken:\n%s", d.said)
		}
		d.get(t, d.address(t, "Shop"), "")
		d.get(t, d.address(t, "Admin"), "")
		curl := regexp.MustCompile(`curl -H 'Authorization: Bearer ([^']+)' '([^']+)'`).FindStringSubmatch(d.said)
		if curl == nil {
			t.Fatalf("it names no curl line:\n%s", d.said)
		}
		d.get(t, curl[2], curl[1])
		d.stop()
		if status := <-d.status; status != exitOK {
			t.Errorf("status %d, want 0", status)
		}
		for _, part := range []string{"Shop", "Gateway", "webhookd", "Admin"} {
			if answers(d.host(t, part)) {
				t.Errorf("%s still listens", part)
			}
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "demo.log"))
	if err != nil || !bytes.Contains(log, []byte("webhookd | ")) {
		t.Errorf("the log file: %d bytes, %v", len(log), err)
	}
}

func TestAnInterruptedStoryIsAFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status := run(ctx, []string{"-once"}, io.Discard, io.Discard); status != exitFailed {
		t.Errorf("status %d, want %d", status, exitFailed)
	}
}

func TestNothingOutlivesAKilledDemo(t *testing.T) {
	dir := sharedFolder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentDir+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // for a test that fails before it does so itself
	d := &demo{said: untilGreeted(t, out)}
	hosts := []string{d.host(t, "webhookd"), d.host(t, "Admin")}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	eventually(t, "webhookd has ended", func() bool { return !answers(hosts[0]) && !answers(hosts[1]) })
	eventually(t, "Postgres has ended", func() bool {
		_, err := os.Stat(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
		return errors.Is(err, os.ErrNotExist)
	})
}

// demo is one that runs within this process.
type demo struct {
	said   string // on standard output, until all was up
	stop   context.CancelFunc
	status chan int
}

func startDemo(t *testing.T, dir string) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	d := &demo{stop: cancel, status: make(chan int, 1)}
	read, write := io.Pipe()
	go func() {
		status := run(ctx, []string{"-quiet", "-dir", dir}, write, t.Output())
		write.Close()
		d.status <- status
	}()
	d.said = untilGreeted(t, read)
	return d
}

// untilGreeted returns what the demo says until all is up. The rest is read and dropped, so that nothing waits.
func untilGreeted(t *testing.T, out io.Reader) string {
	t.Helper()
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ctrl-C stops everything") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return said.String()
		}
	}
	t.Fatalf("the demo ended before all was up:\n%s", &said)
	return ""
}

// address is what the demo said of a part.
func (d *demo) address(t *testing.T, part string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^ +` + part + ` +(http://\S+)$`).FindStringSubmatch(d.said)
	if found == nil {
		t.Fatalf("the demo does not say where %s is:\n%s", part, d.said)
	}
	return found[1]
}

func (d *demo) host(t *testing.T, part string) string {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(d.address(t, part), "http://"), "/")
	return host
}

func (d *demo) get(t *testing.T, url, key string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %s", url, res.Status)
	}
}

// answers reports whether somebody listens there.
func answers(host string) bool {
	conn, err := net.DialTimeout("tcp", host, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("in vain waited until %s", what)
		case <-tick.C:
		}
	}
}

// sharedFolder is a new folder that Postgres' account can enter too.
func sharedFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "demo-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
