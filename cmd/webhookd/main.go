// Webhookd answers one question for people and programs that ship goods: has this order been paid, for certain, and
// may it leave? It receives the webhooks of the Cost+ gateway, asks the gateway about every order they name, keeps
// the verified truth in Postgres and serves it over HTTP. See the README for what it promises and how it is run.
//
// This package reads the environment, wires the parts together and starts and stops them in order. It is the only
// one that knows them all.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// commands are the subcommands, with serve as the default.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"1" help:"Receive webhooks, verify orders and answer (the default)."`
	Orders      ordersCommand      `cmd:"" help:"Look at orders of a running webhookd."`
	Events      eventsCommand      `cmd:"" help:"Read the event feed of a running webhookd."`
	Doctor      doctorCommand      `cmd:"" help:"Check what the service needs: configuration, database, gateway, ways in."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database schema up to date, or show where it is."`
	Config      configCommand      `cmd:"" help:"Show the effective configuration, secrets masked."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the running service whether it is ready, for images without a shell."`
	Version     versionCommand     `cmd:"" help:"Show the version."`
}

// world is what a command may touch of the outside.
type world struct {
	ctx     context.Context
	environ []string
	stdout  io.Writer
	stderr  io.Writer
}

// run is the program. It returns the exit status: 0 good, 1 failed, 2 wrong use.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	exited := false
	parser, err := kong.New(&commands{},
		kong.Name("webhookd"),
		kong.Description("Stands between the Cost+ gateway and whoever ships goods. "+
			"It is configured by the environment: see the README, or webhookd config."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }))
	if err != nil {
		fmt.Fprintln(stderr, "webhookd:", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if exited {
		return exitOK // help was asked for and given
	}
	if err != nil {
		fmt.Fprintf(stderr, "webhookd: %v\nRun webhookd --help for the commands.\n", err)
		return exitUsage
	}
	err = command.Run(&world{ctx: ctx, environ: environ, stdout: stdout, stderr: stderr})
	if wrong, ok := errors.AsType[configError](err); ok {
		fmt.Fprintf(stderr, "webhookd: the configuration is not usable:\n%v\n", wrong)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintln(stderr, "webhookd:", err)
		return statusOf(err)
	}
	return exitOK
}

// statusOf is the exit status of a command that failed. What the service calls invalid came from an argument.
func statusOf(err error) int {
	if p, ok := errors.AsType[*problemError](err); ok && p.wrongUse() {
		return exitUsage
	}
	return exitFailed
}
