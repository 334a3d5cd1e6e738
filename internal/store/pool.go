package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// errBadURL replaces the parser's own error, which may hold parts of the URL and so a password.
var errBadURL = errors.New("the database URL cannot be parsed; is its password percent-encoded?")

// misread reports whether a part of the password was probably taken for the database's name, which errors quote: so it
// is when a slash in the password is not percent-encoded.
func misread(config *pgx.ConnConfig) bool {
	return strings.Contains(config.Database, "@")
}

// planByIndex has the planner read through indexes, as everything asked of a pool is meant to. Left to itself it makes
// plans that read a whole table while that is small, and keeps using them while the table grows, until somebody
// analyzes it: a new service in its first busy minute would slow down to a crawl. JIT compilation never pays off here.
// Where a pooler in between lets go of such settings, nothing but that time is lost.
func planByIndex(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "set enable_seqscan = off; set jit = off"); err != nil {
		return fmt.Errorf("prepare a database connection: %w", err)
	}
	return nil
}

// Open returns a pool of at most maxConns connections. It does not connect: the first query does, so that the service
// can start and say what is wrong while the database is away. Connections that went bad are found by their next
// use; TCP keep-alives find those whose other end is gone.
func Open(ctx context.Context, databaseURL string, maxConns int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil || misread(config.ConnConfig) {
		return nil, errBadURL
	}
	config.MaxConns = int32(maxConns)
	config.MaxConnIdleTime = 5 * time.Minute
	config.HealthCheckPeriod = 15 * time.Second
	boundConnect(config.ConnConfig)
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "webhookd"
	}
	config.AfterConnect = planByIndex
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	return pool, nil
}

// boundConnect bounds the time of a connection attempt, where the URL does not: a server that hangs must not hold us.
func boundConnect(config *pgx.ConnConfig) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 2 * time.Second
	}
}
