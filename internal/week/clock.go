package week

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/pgdev"
	"webhookd/internal/store"
)

// monday is the first in the time of a bubble, which begins with the year 2000.
var monday = time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)

// databaseName is that of the database that the week is played on.
const databaseName = "week"

// Database is where the week is played.
type Database struct {
	URL      string
	StatsURL string // another database of the same server, from which it is watched
}

// Settings are what the server must be started with.
func Settings() map[string]string {
	return map[string]string{
		"shared_preload_libraries":         "pg_stat_statements",
		"pg_stat_statements.track":         "top",
		"pg_stat_statements.track_utility": "off", // begin, commit, and the setting of the clock
		"fsync":                            "off",
		"full_page_writes":                 "off",
		"synchronous_commit":               "off",
		"shared_buffers":                   "512MB",
		"max_wal_size":                     "4GB",
		// It goes by the true time, of which there is little.
		"autovacuum":         "on",
		"autovacuum_naptime": "5s",
	}
}

// Prepare makes the database, with a clock that can be set.
func Prepare(ctx context.Context, s *pgdev.Server) (Database, error) {
	db := Database{URL: s.URL(databaseName), StatsURL: s.URL("postgres")}
	for _, statement := range []string{
		"create extension pg_stat_statements",
		"create database " + databaseName,
		"alter database " + databaseName + " set search_path = public, pg_catalog",
		"alter database " + databaseName + " set week.now = '" + clockText(monday) + "'",
	} {
		if err := execute(ctx, db.StatsURL, statement); err != nil {
			return db, fmt.Errorf("make the database: %w", err)
		}
	}
	if err := giveClock(ctx, db.URL); err != nil {
		return db, fmt.Errorf("make the clock: %w", err)
	}
	_, err := store.Migrate(ctx, db.URL)
	return db, err
}

// giveClock puts functions before those of Postgres in the search path, so that all that the service asks goes by the
// time that the connection was given. It stands still during a statement, as that of the bubble does.
func giveClock(ctx context.Context, url string) error {
	return execute(ctx, url, `
		create function public.now() returns timestamptz language sql stable parallel safe
			as $$ select pg_catalog.current_setting('week.now')::timestamptz $$;
		create function public.clock_timestamp() returns timestamptz language sql stable parallel safe
			as $$ select pg_catalog.current_setting('week.now')::timestamptz $$`)
}

func execute(ctx context.Context, url, script string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(conn.PgConn().Exec(ctx, script).Close(), conn.Close(ctx))
}

// openPool opens the store's pool, whose connections learn the time whenever they are taken from it.
func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	pool, err := store.Open(ctx, url, connections)
	if err != nil {
		return nil, err
	}
	config := pool.Config()
	pool.Close()
	config.PrepareConn = setClock
	return pgxpool.NewWithConfig(ctx, config)
}

func setClock(ctx context.Context, conn *pgx.Conn) (bool, error) {
	const key = "week.now"
	now, known := time.Now(), conn.PgConn().CustomData()
	if set, ok := known[key].(time.Time); ok && set.Equal(now) {
		return true, nil
	}
	if err := conn.PgConn().Exec(ctx, "set week.now = '"+clockText(now)+"'").Close(); err != nil {
		return false, fmt.Errorf("set the clock: %w", err)
	}
	known[key] = now
	return true, nil
}

func clockText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999Z07:00") }
