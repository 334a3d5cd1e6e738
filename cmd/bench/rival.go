package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/handler"
	"webhookd/internal/listener"
	"webhookd/internal/store"
)

// The rivals: webhookd's own HTTP server, with all of its bounds, and another way of storing.
const (
	rivalNone   = "none"   // stores nothing
	rivalCommit = "commit" // one commit a request, as one would write it first
)

// databaseVariable tells a rival where its database is.
const databaseVariable = "BENCH_DATABASE_URL="

// serveRival serves webhooks until ctx ends, and says on w where.
func serveRival(ctx context.Context, kind string, environ []string, w io.Writer) error {
	hinter, closeHinter, err := newHinter(ctx, kind, environ)
	if err != nil {
		return err
	}
	defer closeHinter()
	log, reg := slog.New(slog.NewJSONHandler(io.Discard, nil)), prometheus.NewRegistry()
	h := handler.New(handler.Config{AuthOff: true, Log: log, Metrics: reg}, handler.Backend{Hints: hinter})
	room := listener.NewConnections("public", listener.PublicConnections, nil, handler.Network, reg)
	server, err := listener.Listen(ctx, "127.0.0.1:0", h, room, log)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintln(w, "http://"+server.Addr())
	select {
	case <-ctx.Done():
		return nil
	case err := <-server.Failed():
		return err
	}
}

func newHinter(ctx context.Context, kind string, environ []string) (handler.Hinter, func(), error) {
	if kind == rivalNone {
		return forgetful{}, func() {}, nil
	}
	for _, v := range environ {
		if url, ok := strings.CutPrefix(v, databaseVariable); ok {
			pool, err := store.Open(ctx, url, 8)
			if err != nil {
				return nil, nil, err
			}
			return committer{pool}, pool.Close, nil
		}
	}
	return nil, nil, errors.New("no database for the rival")
}

// forgetful stores nothing.
type forgetful struct{}

func (forgetful) Hint(context.Context, string) error { return nil }

// committer makes one commit a request, on the service's own table.
type committer struct{ pool *pgxpool.Pool }

func (c committer) Hint(ctx context.Context, id string) error {
	_, err := c.pool.Exec(ctx, `
		insert into checks as c (order_id, hints, hinted_at, cause, first_seen_by, due_at)
		values ($1, 1, now(), 'webhook', 'webhook', now())
		on conflict (order_id) do update set hints = c.hints + 1, hinted_at = now(), due_at = now()`, id)
	return err
}
