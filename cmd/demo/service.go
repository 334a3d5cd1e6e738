package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"webhookd/internal/sandbox"
)

const (
	servicePackage = "webhookd/cmd/webhookd"
	// buildTimeout bounds the build; it takes a minute where nothing was ever built, and a second otherwise.
	buildTimeout = 10 * time.Minute
	// readyTimeout bounds the wait for a webhookd that was started; it takes less than a second, but on a busy machine.
	readyTimeout = 60 * time.Second
	readyEvery   = 50 * time.Millisecond
)

// serviceEnvironment is what webhookd is told.
type serviceEnvironment struct {
	databaseURL string
	gatewayURL  string
	publicURL   string
	listenAddr  string
	adminAddr   string
	keys        keys
}

// variables is the child's whole environment: nothing that is set on this machine by chance has a say. The poller is
// in a hurry, so that nobody has to watch for ten minutes how it finds a lost webhook.
func (e serviceEnvironment) variables() []string {
	return []string{
		"DATABASE_URL=" + e.databaseURL,
		"NOPAYN_API_KEY=" + sandbox.DefaultAPIKey,
		"NOPAYN_MERCHANT_ID=demo",
		"NOPAYN_BASE_URL=" + e.gatewayURL,
		"PUBLIC_URL=" + e.publicURL,
		"LISTEN_ADDR=" + e.listenAddr,
		"ADMIN_ADDR=" + e.adminAddr,
		"API_KEYS=shop:write:" + e.keys.shop + ",demo:write+money:" + e.keys.demo,
		"WEBHOOK_TOKENS=" + e.keys.webhookToken,
		"POLL_MIN_AGE=5s",
		"POLL_MIN_INTERVAL=2s",
		"SWEEP_INTERVAL=10s",
		"ALLOW_TEST_ORDERS=true",
		"SHUTDOWN_TIMEOUT=10s",
		"LOG_FORMAT=text",
	}
}

// buildService has the Go toolchain build webhookd from the module that the present folder is in. It leaves out the
// version control, which refuses checkouts of other users. Once the program runs it needs its file no more, and remove
// removes it.
func buildService(ctx context.Context) (binary string, remove func(), err error) {
	folder, err := os.MkdirTemp("", folderName+"-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) } // what is left is in a folder for what may be left
	binary = filepath.Join(folder, "webhookd")
	if err := build(ctx, binary); err != nil {
		remove()
		return "", nil, fmt.Errorf("build webhookd: %w", err)
	}
	return binary, remove, nil
}

func build(ctx context.Context, binary string) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, servicePackage)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it clears up
	cmd.Stdout, cmd.Stderr = &out, &out
	toolchain, err := startChild(cmd, syscall.SIGINT)
	if err != nil {
		return err
	}
	<-toolchain.done
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case toolchain.err != nil:
		return fmt.Errorf("%w; the demo runs in a checkout of it\n%s", toolchain.err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}

// startService starts webhookd as it would be started anywhere: the program serve, configured by its environment
// alone. Its output goes to log.
func startService(ctx context.Context, binary string, e serviceEnvironment, log io.Writer) (*child, error) {
	// It ends at its turn, while what it needs still runs, and not with ctx.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), binary, "serve")
	cmd.Dir = "/"
	cmd.Env = e.variables()
	cmd.Stdout, cmd.Stderr = log, log
	service, err := startChild(cmd, syscall.SIGKILL)
	if err != nil {
		return nil, fmt.Errorf("start webhookd: %w", err)
	}
	return service, nil
}

// awaitReady waits until webhookd says that it is ready.
func awaitReady(ctx context.Context, service *child, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		if isReady(ctx, url) {
			return nil
		}
		select {
		case <-service.done:
			return fmt.Errorf("webhookd did not start: %w; its log says why", service.howItEnded())
		case <-ctx.Done():
			return fmt.Errorf("webhookd is not ready: %w; its log says why", ctx.Err())
		case <-tick.C:
		}
	}
}

func isReady(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
