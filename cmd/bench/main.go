// Bench measures webhookd on this machine and prints ratios within one run: how many webhooks a second it answers,
// beside the same HTTP server that stores nothing and the same server that commits once a request, each a process of
// its own, with Postgres writing durably to disk; how many orders a second go all the way, and how soon; what reads,
// streams and claims cost; and what the service costs at rest. -only chooses.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	connections int
	duration    time.Duration
	rounds      int
	dir         string
	only        string // names of sections, joined by commas; empty is all
	clients     int    // of the event stream
	large       bool   // ten million orders too
	tls         bool   // the gateway speaks TLS and HTTP/2
	profile     string // folder for profiles of the service; empty is none
	rival       string // internal: serve as one of the servers to compare with
}

func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.connections, "connections", 64, "connections that send webhooks")
	flags.DurationVar(&o.duration, "duration", 5*time.Second, "length of one measurement")
	flags.IntVar(&o.rounds, "rounds", 3, "measurements of each server, taken in turns; the median counts")
	flags.StringVar(&o.dir, "dir", "/var/tmp", "folder on a real disk for Postgres")
	flags.StringVar(&o.only, "only", "", "sections to run, joined by commas: "+strings.Join(sectionNames(), ", "))
	flags.IntVar(&o.clients, "clients", 1000, "clients of the event stream")
	flags.BoolVar(&o.large, "large", false, "measure claims with ten million orders too, which takes minutes and 6 GB")
	flags.BoolVar(&o.tls, "tls", false, "have the gateway speak TLS and HTTP/2, in place of HTTP/1.1 in the clear")
	flags.StringVar(&o.profile, "profile", "", "folder for profiles of the service under load; they cost some speed")
	flags.StringVar(&o.rival, "rival", "", "used by bench itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.rival != "" {
		return serveRival(ctx, o.rival, environ, stdout)
	}
	if err := checkSections(o.only); err != nil {
		return err
	}
	return measure(ctx, o, stdout, stderr)
}
