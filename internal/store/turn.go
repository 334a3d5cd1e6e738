package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3/lock"
)

const (
	turnTimeout  = 5 * time.Minute        // bounds the wait for others that migrate
	turnInterval = 250 * time.Millisecond // spaces the attempts
	// turnQuery begins the transaction that holds the lock. It is silent as long as a step of the schema takes.
	turnQuery = "begin; set local idle_in_transaction_session_timeout = 0"
	// takeTurn does not wait for the lock. Who waits holds a snapshot, and whoever has the lock may be making an index
	// beside the running release, and so waiting for the end of all snapshots. The number is the one that releases
	// before this one lock in a session of theirs, so that they and we exclude each other.
	takeTurn = `select pg_try_advisory_xact_lock($1)`
)

// turn is the right to migrate, which one replica has at a time. It is the lock of a transaction, and not of a session,
// since a pooler in transaction mode lets a session go on with another server process, and keeps the lock for good.
type turn struct {
	conn *pgx.Conn
	tx   pgx.Tx
}

// waitForTurn waits until nobody else migrates. Who gets the turn ends it.
func waitForTurn(ctx context.Context, config *pgx.ConnConfig) (*turn, error) {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect for the migration lock: %w", err)
	}
	t := &turn{conn: conn}
	tick := time.NewTicker(turnInterval)
	defer tick.Stop()
	for {
		taken, err := t.take(ctx)
		if taken {
			return t, nil
		}
		if err == nil {
			select {
			case <-tick.C:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		return nil, errors.Join(fmt.Errorf("take the migration lock: %w", err), t.end(ctx))
	}
}

func (t *turn) take(ctx context.Context) (taken bool, err error) {
	if t.tx, err = t.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: turnQuery}); err != nil {
		return false, err
	}
	if err := t.tx.QueryRow(ctx, takeTurn, lock.DefaultLockID).Scan(&taken); err != nil || taken {
		return taken, err
	}
	return false, t.tx.Rollback(ctx)
}

// held returns an error if the turn was lost, with the connection that it belongs to.
func (t *turn) held(ctx context.Context) error {
	if _, err := t.tx.Exec(ctx, "select"); err != nil {
		return fmt.Errorf("the migration lock was lost: %w", err)
	}
	return nil
}

// end gives the turn back. Closing the connection ends its transaction.
func (t *turn) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), upkeepTimeout)
	defer cancel()
	return t.conn.Close(ctx)
}
