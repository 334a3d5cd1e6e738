package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"webhookd/internal/pgdev"
	"webhookd/internal/sandbox"
	"webhookd/internal/store"
)

// The servers, in the order in which they are measured and printed.
const (
	ours = "webhookd"
)

// bench is what a measurement needs.
type bench struct {
	options
	database string
	gateway  string
	binary   string // of the service
	stderr   io.Writer
}

// measure builds the service, starts its world and prints the table.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp(o.dir, "webhookd-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as somebody else
		return fmt.Errorf("open the folder: %w", err)
	}
	postgres, err := pgdev.Start(ctx, pgdev.Options{Dir: filepath.Join(dir, "postgres"), Log: stderr})
	if err != nil {
		return err
	}
	defer func() {
		if err := postgres.Stop(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(stderr, "bench:", err)
		}
	}()
	gateway := sandbox.New(sandbox.Config{})
	defer gateway.Close()
	server := httptest.NewServer(gateway.Handler())
	defer server.Close()

	b := &bench{
		options: o, database: postgres.URL("postgres"), gateway: server.URL,
		binary: filepath.Join(dir, "webhookd"), stderr: stderr,
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	if _, err := store.Migrate(ctx, b.database); err != nil {
		return err
	}
	if err := b.atRest(ctx, stdout); err != nil {
		return err
	}
	return b.intake(ctx, stdout)
}

// build makes the binary as the image has it.
func (b *bench) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.binary, "./cmd/webhookd")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = b.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the service: %w", err)
	}
	return nil
}

// atRest prints what the service costs when nothing happens.
func (b *bench) atRest(ctx context.Context, w io.Writer) error {
	file, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("look at the binary: %w", err)
	}
	start := time.Now()
	c, err := b.startOurs(ctx)
	if err != nil {
		return err
	}
	ready := time.Since(start)
	defer c.stop()
	select { // let it settle
	case <-time.After(3 * time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	resident, err := c.resident()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "at rest\n  binary          %5.1f MB\n  start to ready  %5.2f s\n  resident memory %5.1f MB\n",
		float64(file.Size())/1e6, ready.Seconds(), float64(resident)/1e6)
	return nil
}

// intake prints how many webhooks a second each server answers. The servers take turns, so that a change of the
// machine's mood touches all of them.
func (b *bench) intake(ctx context.Context, w io.Writer) error {
	servers := []string{ours, rivalNone, rivalCommit}
	rates := map[string][]float64{}
	var commits share
	for round := range b.rounds {
		for _, name := range servers {
			rate, s, err := b.once(ctx, name, round)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			rates[name] = append(rates[name], rate)
			commits = commits.plus(s)
		}
	}
	fmt.Fprintf(w, "webhooks a second, %d connections, median of %d\n", b.connections, b.rounds)
	mine := median(rates[ours])
	for _, name := range servers {
		rate := median(rates[name])
		fmt.Fprintf(w, "  %-9s %8.0f   webhookd is %5.2f of it   %.0f\n", name, rate, mine/rate, rates[name])
	}
	fmt.Fprintf(w, "group commit: %.1f webhooks a commit, a commit under way %.0f %% of the time\n",
		commits.batch(), 100*commits.busy())
	return nil
}

// once measures one server, started for it.
func (b *bench) once(ctx context.Context, name string, round int) (float64, share, error) {
	start := b.startOurs
	if name != ours {
		start = func(ctx context.Context) (*child, error) { return b.startRival(ctx, name) }
	}
	c, err := start(ctx)
	if err != nil {
		return 0, share{}, err
	}
	defer c.stop()
	begin := time.Now()
	rate, err := load(ctx, c.url+"/webhooks/costplus", b.connections, b.duration, fmt.Sprintf("%s-%d", name, round))
	if err != nil || name != ours {
		return rate, share{}, err
	}
	s, err := readShare(ctx, c.admin+"/metrics", time.Since(begin))
	return rate, s, err
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
