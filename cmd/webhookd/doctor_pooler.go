package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// checkPooler looks for a pooler between us and the database. One in transaction mode gives each transaction another
// server process; the service does without what that loses, and is somewhat slower than without a pooler.
func (d *databaseDoctor) checkPooler() {
	const check = "database pooler"
	ctx, cancel := d.bounded()
	defer cancel()
	pooled, swaps, err := findPooler(ctx, d.pool)
	switch {
	case err != nil:
		d.report(check, verdictFail, err.Error(), "see the database's log")
	case swaps:
		d.report(check, verdictInfo, "there is one between, in transaction mode: no statement is kept prepared", "")
	case pooled:
		d.report(check, verdictInfo, "there is one between, and it seems to be in session mode: no statement is kept prepared", "")
	default:
		d.report(check, verdictOK, "there is none between", "")
	}
}

// findPooler compares the server process that a connection was promised with the one that answers: a pooler promises
// what is none. Then it lets a second connection take the process of the first, which is in no transaction.
func findPooler(ctx context.Context, pool *pgxpool.Pool) (pooled, swaps bool, err error) {
	first, err := pool.Acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer first.Release()
	at, err := serverProcess(ctx, first)
	if err != nil || at == first.Conn().PgConn().PID() {
		return false, false, err
	}
	second, err := pool.Acquire(ctx)
	if err != nil {
		return true, false, err
	}
	defer second.Release()
	tx, err := second.Begin(ctx) // keeps what it takes
	if err != nil {
		return true, false, err
	}
	defer func() { _ = tx.Rollback(ctx) }() // nothing was done in it
	taken, err := serverProcess(ctx, tx)
	if err != nil {
		return true, false, err
	}
	now, err := serverProcess(ctx, first)
	return true, taken == at || now != at, err
}

// querier is a connection, in a transaction or not.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func serverProcess(ctx context.Context, q querier) (pid uint32, err error) {
	err = q.QueryRow(ctx, `select pg_backend_pid()`, pgx.QueryExecModeExec).Scan(&pid)
	return pid, err
}
