package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"webhookd/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrate brings the schema up to date. Replicas that start at once take turns: a lock covers all steps. It returns how
// many steps it took. Through a pooler it needs two connections of its.
func Migrate(ctx context.Context, databaseURL string) (int, error) {
	config, err := migrationConfig(databaseURL)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	steps, err := migrateInTurn(ctx, config)
	if err != nil {
		return steps, fmt.Errorf("migrate the database: %w", err)
	}
	return steps, nil
}

func migrateInTurn(ctx context.Context, config *pgx.ConnConfig) (steps int, err error) {
	t, err := waitForTurn(ctx, config)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	err = withProvider(config, func(p *goose.Provider) error {
		for {
			if err := t.held(ctx); err != nil {
				return err
			}
			switch _, err := p.UpByOne(ctx); {
			case errors.Is(err, goose.ErrNoNextVersion):
				return nil
			case err != nil:
				return err
			}
			steps++
		}
	})
	return steps, err
}

// Migrations lists the steps of the schema, oldest first, and whether the database has taken them.
func Migrations(ctx context.Context, databaseURL string) ([]Migration, error) {
	config, err := migrationConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the migration status: %w", err)
	}
	var list []Migration
	err = withProvider(config, func(p *goose.Provider) error {
		status, err := p.Status(ctx)
		for _, s := range status {
			list = append(list, Migration{
				Version: s.Source.Version, Name: s.Source.Path, Applied: s.State == goose.StateApplied,
			})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the migration status: %w", err)
	}
	return list, nil
}

// migrationConfig is for connections that leave nothing in their sessions.
func migrationConfig(databaseURL string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil || misread(config) {
		return nil, errBadURL
	}
	boundConnect(config)
	wantPrimary(databaseURL, config)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config, nil
}

func withProvider(config *pgx.ConnConfig, f func(*goose.Provider) error) error {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return f(p)
}

// SchemaCurrent reports whether the database has taken every migration that this program knows. It reads one row.
func (s *Store) SchemaCurrent(ctx context.Context) (bool, error) {
	want, err := newestMigration()
	if err != nil {
		return false, err
	}
	var have int64
	err = s.pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&have)
	var pg *pgconn.PgError
	const undefinedTable = "42P01"
	switch {
	case errors.As(err, &pg) && pg.Code == undefinedTable:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	return have >= want, nil
}

func newestMigration() (int64, error) {
	entries, err := migrations.FS.ReadDir(".")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	newest := int64(0)
	for _, e := range entries {
		version, err := goose.NumericComponent(e.Name())
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", e.Name(), err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}
