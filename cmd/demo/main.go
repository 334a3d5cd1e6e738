// Demo runs everything on one machine: a private Postgres, the sandbox gateway, the demo shop, and webhookd as its own
// process, built from this checkout and configured by its environment as anywhere else. No money moves.
//
//	go run ./cmd/demo          # and open the shop in a browser
//	go run ./cmd/demo -once    # order, pay, lose a webhook, check, and stop
//
// The exit status is 0 if all went well, 1 if something did not happen that should have, and 2 for wrong flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once, and the kernel its children
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It returns the exit status when all that it started has ended.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK // help was asked for and given
	}
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v\nRun demo -help for the flags.\n", err)
		return exitUsage
	}
	if err := perform(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return exitFailed
	}
	return exitOK
}
