package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// settleTime is how long a server is left alone after its start, before it counts as idle.
const settleTime = 3 * time.Second

// atRest prints what the service costs when nothing happens.
func (b *bench) atRest(ctx context.Context, w io.Writer) error {
	file, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("look at the binary: %w", err)
	}
	start := time.Now()
	c, err := b.startOurs(ctx)
	if err != nil {
		return err
	}
	ready := time.Since(start)
	defer c.stop()
	if !pause(ctx, min(settleTime, b.duration)) {
		return ctx.Err()
	}
	load, err := c.weigh(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "at rest\n  binary          %5.1f MB\n  start to ready  %5.2f s\n  weight          %s\n",
		float64(file.Size())/1e6, ready.Seconds(), load)
	return nil
}

// idle prints what the service asks of Postgres when nothing happens: statements, counted in the server's log, and
// transactions, counted by its statistics.
func (b *bench) idle(ctx context.Context, w io.Writer) error {
	if err := b.exec(ctx, "alter database "+b.database+" set log_statement = 'all'"); err != nil {
		return err
	}
	c, err := b.startOurs(ctx)
	if err != nil {
		return err
	}
	defer c.stop()
	following, stop := context.WithCancel(ctx)
	defer stop()
	alone, err := b.restful(ctx)
	if err != nil {
		return err
	}
	if _, err := follow(following, c.url, func(int64, []byte) {}); err != nil {
		return err
	}
	followed, err := b.restful(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "idle, asked of Postgres\n  nobody listens  %s\n  a stream        %s\n", alone, followed)
	return nil
}

// asked is what a server is asked in a second.
type asked struct{ statements, transactions float64 }

func (a asked) String() string {
	return fmt.Sprintf("%4.1f statements and %4.1f transactions a second", a.statements, a.transactions)
}

// restful watches for four times the length of a measurement what the database is asked.
func (b *bench) restful(ctx context.Context) (asked, error) {
	if !pause(ctx, min(settleTime, b.duration)) {
		return asked{}, ctx.Err()
	}
	transactions, err := b.transactions(ctx)
	if err != nil {
		return asked{}, err
	}
	statements, start := b.log.statements(), time.Now()
	if !pause(ctx, 4*b.duration) {
		return asked{}, ctx.Err()
	}
	statements, took := b.log.statements()-statements, time.Since(start).Seconds()
	after, err := b.transactions(ctx)
	return asked{float64(statements) / took, float64(after-transactions) / took}, err
}

// transactions is how many the database to measure on has seen. A backend reports them at most once a second.
func (b *bench) transactions(ctx context.Context) (n int64, err error) {
	err = withConn(ctx, b.server.URL("postgres"), func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx,
			`select xact_commit + xact_rollback from pg_stat_database where datname = $1`, b.database).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("read the statistics: %w", err)
	}
	return n, nil
}
