// Command chaos runs the service in a world that breaks, round after round, and says whether it kept its promises. Each
// round has a seed, by which it can be repeated. The exit status is 1 if there was anything to find, 2 after wrong use.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"webhookd/internal/chaos"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are what the command line says.
type options struct {
	rounds   int
	seed     uint64
	duration time.Duration
	only     string
	list     bool
	race     bool
	binary   string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.rounds, "rounds", 20, "how many `rounds` to run")
	flags.Uint64Var(&o.seed, "seed", 0, "`seed` of the first round; the next has the next; 0 is a random one")
	flags.DurationVar(&o.duration, "duration", 30*time.Second, "how long the load and the faults of a round last")
	flags.StringVar(&o.only, "only", "", "`names` of the faults of every round, with commas between; see -list")
	flags.BoolVar(&o.list, "list", false, "list the faults and end")
	flags.BoolVar(&o.race, "race", false, "build the service with the race detector")
	flags.StringVar(&o.binary, "binary", "", "`file` of the service; without it, it is built")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if o.list {
		list(stdout)
		return 0
	}
	only, err := names(o.only)
	if err != nil || o.rounds < 1 || o.duration <= 0 || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "chaos: wrong use:", errors.Join(err, errors.New("-help tells how")))
		return 2
	}
	if o.seed == 0 {
		o.seed = rand.Uint64N(1_000_000) + 1
	}
	return rounds(ctx, o, only, stdout, stderr)
}

func list(to io.Writer) {
	for _, f := range chaos.Faults() {
		fmt.Fprintf(to, "%-24s %s\n", f.Name, f.About)
	}
}

// names reads the names of faults.
func names(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	only := strings.Split(text, ",")
	for _, name := range only {
		if !slices.ContainsFunc(chaos.Faults(), func(f chaos.Fault) bool { return f.Name == name }) {
			return nil, fmt.Errorf("there is no fault %q", name)
		}
	}
	return only, nil
}

func rounds(ctx context.Context, o options, only []string, stdout, stderr io.Writer) int {
	if o.binary == "" {
		dir, err := os.MkdirTemp("", "chaos-")
		if err != nil {
			fmt.Fprintln(stderr, "chaos:", err)
			return 1
		}
		defer os.RemoveAll(dir)
		o.binary = filepath.Join(dir, "webhookd")
		if err := chaos.Build(ctx, o.binary, o.race); err != nil {
			fmt.Fprintln(stderr, "chaos:", err)
			return 1
		}
	}
	var sum table
	failed := false
	for i := range o.rounds {
		c := chaos.Config{Binary: o.binary, Seed: o.seed + uint64(i), Load: o.duration, Only: only}
		report, err := chaos.Run(ctx, c)
		tell(stdout, i+1, o, report, err)
		sum.add(report)
		failed = failed || err != nil || len(report.Findings) > 0
		if ctx.Err() != nil {
			break
		}
	}
	sum.print(stdout)
	if failed {
		return 1
	}
	return 0
}
