package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	settleTime = 120 * time.Second // until the world must have come to rest
	settleLook = 700 * time.Millisecond
	// patience is how long what failed may wait for its next turn before we have the time go by for it: a check that
	// failed often waits minutes, which a round has not.
	patience = 8 * time.Second
)

// settle waits until nothing is left to find, and returns what is there to be found all the same.
func (w *World) settle(ctx context.Context) ([]Finding, *Evidence, error) {
	if err := w.restore(ctx); err != nil {
		return nil, nil, err
	}
	began := time.Now()
	for {
		e, err := w.evidence(ctx)
		if err != nil {
			return nil, nil, err
		}
		found := Check(e)
		waiting := slices.ContainsFunc(found, CatchingUp)
		if !waiting || time.Since(began) > settleTime {
			return found, e, nil
		}
		if time.Since(began) > patience {
			if err := w.passTime(ctx); err != nil {
				return nil, nil, err
			}
		}
		if !pause(ctx, settleLook) {
			return found, e, fmt.Errorf("settle: %w", ctx.Err())
		}
	}
}

// restore brings back what must be there when the faults are over. A replica that is not there though no fault took it
// away is a finding.
func (w *World) restore(ctx context.Context) error {
	w.Gateway.LiftFaults()
	for _, r := range w.Replicas {
		if !r.Alive() {
			w.ended(r.current(), false)
			if err := r.Start(ctx); err != nil {
				return err
			}
		}
	}
	if err := w.allReady(ctx); err != nil {
		w.Ledger.Find("recovery", "%v", err)
	}
	return nil
}

// passTime ends the waits that failures have led to, as if the time had gone by.
func (w *World) passTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, w.Database().Direct)
	if err != nil {
		return fmt.Errorf("let time pass: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range []string{
		`update checks set due_at = now() where known and lease is null and failures + misses > 0 and due_at > now()`,
		`update operations set due_at = now() where lease is null and due_at > now() and status = 'unknown'`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("let time pass: %w", err)
		}
	}
	return nil
}
