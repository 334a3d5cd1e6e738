package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startTimeout = 20 * time.Second
	readyLook    = 2 * time.Millisecond
	trustFile    = "gateway.pem" // the gateway's certificate, beside the binary
)

// child is a server in a process of its own.
type child struct {
	cmd   *exec.Cmd
	url   string
	admin string // of webhookd
}

// stop ends the process that we started, and waits for it.
func (c *child) stop() {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err == nil {
		_ = c.cmd.Wait() // how it ended does not matter
	}
}

// startRival starts this program as a server to compare with.
func (b *bench) startRival(ctx context.Context, kind string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find myself: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "-rival", kind)
	cmd.Env = append(os.Environ(), databaseVariable+b.url())
	cmd.Stderr = b.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the rival: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the rival: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the rival says nothing: %w", err)
	}
	return &child{cmd: cmd, url: strings.TrimSpace(line)}, nil
}

// wideBudget are settings by which the budget for calls to the gateway is no bound: 10,000 calls a second, and as many
// at a time as that makes of calls that take so long, or as may be.
func wideBudget(delay time.Duration) []string {
	const rps, least, most = 10_000, 128, 1000
	return []string{
		fmt.Sprintf("GATEWAY_RPS=%d", rps),
		fmt.Sprintf("GATEWAY_CONCURRENCY=%d", min(max(least, int(delay.Seconds()*rps)), most)),
	}
}

// startOurs starts the service as it would be deployed, but for the settings given, and returns when it is ready.
func (b *bench) startOurs(ctx context.Context, settings ...string) (*child, error) {
	cmd := exec.CommandContext(ctx, b.binary, "serve")
	cmd.Env = []string{
		"DATABASE_URL=" + b.url(), "NOPAYN_API_KEY=" + sandboxKey, "NOPAYN_MERCHANT_ID=bench",
		"NOPAYN_BASE_URL=" + b.stub.URL, "LISTEN_ADDR=127.0.0.1:0", "ADMIN_ADDR=127.0.0.1:0", "API_AUTH=off",
		"WEBHOOK_RATE=0", "SWEEP_INTERVAL=0", "SSL_CERT_FILE=" + filepath.Join(filepath.Dir(b.binary), trustFile),
	}
	cmd.Env = append(cmd.Env, settings...)
	logs, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start webhookd: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start webhookd: %w", err)
	}
	c := &child{cmd: cmd}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := c.readAddresses(logs); err != nil {
		c.stop()
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// readAddresses reads the log up to the line that says where the service is, and throws the rest away.
func (c *child) readAddresses(logs io.Reader) error {
	lines := bufio.NewScanner(logs)
	last := ""
	for c.url == "" && lines.Scan() {
		last = lines.Text()
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Msg {
		case "admin listener is up":
			c.admin = "http://" + line.Addr
		case "serving":
			c.url = "http://" + line.Addr
		}
	}
	if c.url == "" {
		return fmt.Errorf("webhookd did not come up: %s", last)
	}
	go func() { _, _ = io.Copy(io.Discard, logs) }() // ends with the process
	return nil
}

func (c *child) ready(ctx context.Context) error {
	tick := time.NewTicker(readyLook)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.admin+"/readyz", nil)
		if err != nil {
			return fmt.Errorf("wait for webhookd: %w", err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for webhookd: %w", ctx.Err())
		}
	}
}

// metric reads one figure of the service; with labels, as it is written.
func (c *child) metric(ctx context.Context, name string) (float64, error) {
	var text bytes.Buffer
	if err := get(ctx, http.DefaultClient, c.admin+"/metrics", &text); err != nil {
		return 0, err
	}
	for line := range strings.Lines(text.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("there is no metric %s", name)
}
