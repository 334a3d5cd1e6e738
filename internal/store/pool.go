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

// Open returns a pool of at most maxConns connections. It does not connect: the first query does, so that the service
// can start and say what is wrong while the database is away. Connections that went bad are found by their next
// use; TCP keep-alives find those whose other end is gone. A URL of several servers leads to the one that takes writes,
// and poolers may be between.
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
	t := newThrough(databaseURL)
	config.BeforeConnect, config.AfterConnect, config.PrepareConn = t.beforeConnect, t.afterConnect, t.prepareConn
	wantPrimary(databaseURL, config.ConnConfig)
	self := leaveStandby(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	self.Store(pool)
	return pool, nil
}

// boundConnect bounds the time of a connection attempt, where the URL does not: a server that hangs must not hold us.
func boundConnect(config *pgx.ConnConfig) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 2 * time.Second
	}
}
