package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// withConn has f use a connection of its own.
func withConn(ctx context.Context, url string, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return errors.Join(f(conn), conn.Close(context.WithoutCancel(ctx)))
}

// execAll runs statements, each for itself.
func execAll(ctx context.Context, url string, statements ...string) error {
	return withConn(ctx, url, func(conn *pgx.Conn) error { return execOn(ctx, conn, statements...) })
}

func execOn(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
