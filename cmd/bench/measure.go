package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"webhookd/internal/pgdev"
	"webhookd/internal/store"
)

// bench is what a measurement needs.
type bench struct {
	options
	server   *pgdev.Server
	log      *serverLog
	database string // name of the one to measure on
	stub     *stub
	binary   string // of the service
	stderr   io.Writer
}

// measure builds the service, starts its world and prints the table.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.dir, "webhookd-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as somebody else
		return fmt.Errorf("open the folder: %w", err)
	}
	log := &serverLog{to: stderr}
	postgres, err := pgdev.Start(ctx, pgdev.Options{Dir: filepath.Join(dir, "postgres"), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, postgres.Stop(context.WithoutCancel(ctx))) }()
	gateway := newStub(o.tls)
	defer gateway.Close()
	if err := os.WriteFile(filepath.Join(dir, trustFile), gateway.certificate(), 0o600); err != nil {
		return fmt.Errorf("keep the gateway's certificate: %w", err)
	}
	b := &bench{
		options: o, server: postgres, log: log, stub: gateway, binary: filepath.Join(dir, "webhookd"), stderr: stderr,
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	for _, s := range b.sections() {
		if err := b.measureSection(ctx, s, stdout); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// section is one measurement, which prints what it finds.
type section struct {
	name string
	run  func(*bench, context.Context, io.Writer) error
}

// allSections are all of them, in their order.
func allSections() []section {
	return []section{
		{"rest", (*bench).atRest},
		{"idle", (*bench).idle},
		{"intake", (*bench).intake},
		{"jobs", (*bench).wholeJob},
		{"latency", (*bench).latency},
		{"streams", (*bench).streams},
		{"reads", (*bench).reads},
		{"claims", (*bench).claims},
	}
}

// sections are those that were asked for.
func (b *bench) sections() []section {
	if b.only == "" {
		return allSections()
	}
	wanted := strings.Split(b.only, ",")
	return slices.DeleteFunc(allSections(), func(s section) bool { return !slices.Contains(wanted, s.name) })
}

// checkSections complains of a name that none of them has.
func checkSections(only string) error {
	for name := range strings.SplitSeq(only, ",") {
		if name != "" && !slices.Contains(sectionNames(), name) {
			return fmt.Errorf("-only: there is no section %q; there are %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	return nil
}

func sectionNames() []string {
	var names []string
	for _, s := range allSections() {
		names = append(names, s.name)
	}
	return names
}

// measureSection measures on a new database, so that no section feels what another has left.
func (b *bench) measureSection(ctx context.Context, s section, w io.Writer) error {
	own, drop, err := b.on(ctx, s.name)
	if err != nil {
		return err
	}
	defer drop()
	return s.run(own, ctx, w)
}

// on is b with a new database of that name. The server has written down all that went before.
func (b *bench) on(ctx context.Context, name string) (own *bench, drop func(), err error) {
	own = new(*b)
	own.database = name
	if err := b.exec(ctx, "create database "+name); err != nil {
		return nil, nil, err
	}
	drop = func() {
		// Where it fails the whole server goes a little later.
		_ = b.exec(context.WithoutCancel(ctx), "drop database "+name+" with (force)")
	}
	if _, err = store.Migrate(ctx, own.url()); err == nil {
		err = b.exec(ctx, "checkpoint")
	}
	if err != nil {
		drop()
		return nil, nil, err
	}
	return own, drop, nil
}

// url is the address of the database to measure on.
func (b *bench) url() string { return b.server.URL(b.database) }

// exec runs a statement beside the database to measure on.
func (b *bench) exec(ctx context.Context, sql string) error {
	return execAll(ctx, b.server.URL("postgres"), sql)
}

// build makes the binary as the image has it; with -profile, as one that can be profiled.
func (b *bench) build(ctx context.Context) error {
	args := []string{"build", "-trimpath", "-ldflags=-s -w", "-o", b.binary}
	if b.profile != "" {
		args = append(args, "-tags=profile")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "webhookd/cmd/webhookd")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = b.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the service: %w", err)
	}
	return nil
}
