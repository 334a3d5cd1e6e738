package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresFaults take the database away.
func postgresFaults() []Fault {
	return []Fault{
		{
			Name: "postgres-crash", About: "immediate stop of Postgres, as by a power cut, and a restart", Part: "postgres",
			Inject: crashing,
		},
		{
			Name: "postgres-frozen", About: "SIGSTOP of Postgres for 2 to 15 seconds", Part: "postgres",
			Inject: freezingPostgres,
		},
		{
			Name: "connections-cut", About: "pg_terminate_backend of some or all connections of the service",
			Inject: cutting,
		},
	}
}

func crashing(ctx context.Context, w *World, rng *rand.Rand) error {
	for pause(ctx, between(rng, time.Second, 8*time.Second)) {
		server := w.Database().Server
		if err := server.Crash(); err != nil {
			return err
		}
		w.Injected("postgres-crash", 1)
		pause(ctx, between(rng, 0, 4*time.Second))
		if err := server.Restart(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

func freezingPostgres(ctx context.Context, w *World, rng *rand.Rand) error {
	for pause(ctx, between(rng, time.Second, 6*time.Second)) {
		server := w.Database().Server
		if err := server.Freeze(); err != nil {
			return err
		}
		w.Injected("postgres-frozen", 1)
		pause(ctx, between(rng, 2*time.Second, 15*time.Second))
		if err := server.Thaw(); err != nil {
			return err
		}
	}
	return nil
}

func cutting(ctx context.Context, w *World, rng *rand.Rand) error {
	for pause(ctx, between(rng, 200*time.Millisecond, 3*time.Second)) {
		share := []float64{0.3, 1}[rng.IntN(2)]
		n, err := cut(ctx, w.Database().Direct, share)
		if err == nil { // another fault may have the database
			w.Injected("connections-cut", n)
		}
	}
	return nil
}

// cut ends a share of the connections to the database but for its own, and returns how many that were.
func cut(ctx context.Context, url string, share float64) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("cut connections: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, `select count(pg_terminate_backend(pid)) from pg_stat_activity
		where pid <> pg_backend_pid() and datname = current_database() and random() < $1`, share).Scan(&n)
	return n, err
}
