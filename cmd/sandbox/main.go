// Command sandbox serves a stand-in for the Cost+ payment gateway: API, hosted payment page and webhooks, in memory
// and without money. It is for people who write shops; docs/sandbox.md tells more.
//
//	sandbox -webhook-url http://127.0.0.1:3000/webhook
//
// Its first page explains it, and below /sandbox/ it can be driven and broken. It listens on the loopback only, since
// anybody who reaches it can pay with a test card; -allow-public lifts that. It takes no key that looks real unless
// -allow-real-key is given. SIGINT or SIGTERM ends it, and what it held in memory.
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

const (
	exitFailed = 1
	exitMisuse = 2
)

// errMisuse marks an error of the command line.
var errMisuse = errors.New("wrong use")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(start(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// start is the program; it returns the exit status.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if err == nil {
		err = run(ctx, opts, stdout, stderr)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errMisuse):
		fmt.Fprintln(stderr, "sandbox:", err)
		return exitMisuse
	default:
		fmt.Fprintln(stderr, "sandbox:", err)
		return exitFailed
	}
}
