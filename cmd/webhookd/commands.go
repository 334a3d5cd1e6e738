package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"webhookd/internal/store"
)

// healthcheckTimeout bounds the whole question; container engines wait 30 seconds by default.
const healthcheckTimeout = 4 * time.Second

// migrateCommand groups what is done to the schema.
type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply what is missing."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations and whether they are applied."`
}

type migrateUpCommand struct{}

// Run applies the missing migrations. It needs no variable but DATABASE_URL.
func (migrateUpCommand) Run(w *world) error {
	conf, err := loadConfig(w.environ, "DATABASE_URL")
	if err != nil {
		return err
	}
	steps, err := store.Migrate(w.ctx, conf.DatabaseURL.reveal())
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "applied %d migrations\n", steps)
	return nil
}

type migrateStatusCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the migrations. It needs no variable but DATABASE_URL.
func (c migrateStatusCommand) Run(w *world) error {
	conf, err := loadConfig(w.environ, "DATABASE_URL")
	if err != nil {
		return err
	}
	list, err := store.Migrations(w.ctx, conf.DatabaseURL.reveal())
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.stdout, list)
	}
	table := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "VERSION\tAPPLIED\tNAME")
	for _, m := range list {
		fmt.Fprintf(table, "%d\t%t\t%s\n", m.Version, m.Applied, m.Name)
	}
	return table.Flush()
}

type configCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the effective configuration, or all that is wrong with it.
func (c configCommand) Run(w *world) error {
	conf, err := loadConfig(w.environ)
	if err != nil {
		return err
	}
	for _, warning := range conf.warnings() {
		fmt.Fprintln(w.stderr, "warning:", warning)
	}
	if c.JSON {
		return printJSON(w.stdout, conf.rows())
	}
	return conf.print(w.stdout)
}

type healthcheckCommand struct{}

// Run asks the service on ADMIN_ADDR, on this machine, whether it is ready.
func (healthcheckCommand) Run(w *world) error {
	conf, err := loadConfig(w.environ, "ADMIN_ADDR", "LISTEN_ADDR")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(w.ctx, healthcheckTimeout)
	defer cancel()
	ready, report, err := askReady(ctx, conf.AdminAddr)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	fmt.Fprintf(w.stdout, "%s", report)
	if !ready {
		return errors.New("not ready")
	}
	return nil
}

type versionCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the version.
func (c versionCommand) Run(w *world) error {
	b := readBuild()
	if c.JSON {
		return printJSON(w.stdout, b)
	}
	_, err := fmt.Fprintf(w.stdout, "webhookd %s (revision %s, %s)\n", b.Version, b.Revision, b.Go)
	return err
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
