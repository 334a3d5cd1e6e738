package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"webhookd/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrate brings the schema up to date. Replicas that start at once take turns: a lock held by one database session
// covers all steps. It returns how many steps it took.
func Migrate(ctx context.Context, databaseURL string) (int, error) {
	steps := 0
	err := withProvider(ctx, databaseURL, func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		steps = len(results)
		return err
	})
	if err != nil {
		return steps, fmt.Errorf("migrate the database: %w", err)
	}
	return steps, nil
}

// Migrations lists the steps of the schema, oldest first, and whether the database has taken them.
func Migrations(ctx context.Context, databaseURL string) ([]Migration, error) {
	var list []Migration
	err := withProvider(ctx, databaseURL, func(p *goose.Provider) error {
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

// withProvider runs f on connections of its own, since a session lock must not be taken on a pool that others use.
func withProvider(ctx context.Context, databaseURL string, f func(*goose.Provider) error) error {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil || misread(config) {
		return errBadURL
	}
	boundConnect(config)
	db := stdlib.OpenDB(*config)
	defer db.Close()
	p, err := newProvider(db)
	if err != nil {
		return err
	}
	return f(p)
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	// It asks for the lock once a second for five minutes: a replica that comes second need not wait for long.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
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
