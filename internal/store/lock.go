package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// lockOrders reads and locks the rows that the changes are about, and gives the database's time after that. Where the
// check was forgotten during the look, it is made anew for an order that the gateway has confirmed after all. That may
// lock rows out of their order, so a deadlock is possible there, and inTx tries again.
func lockOrders(ctx context.Context, tx pgx.Tx, changes []*change) (time.Time, error) {
	now, err := lockRows(ctx, tx, changes)
	if err != nil {
		return now, fmt.Errorf("lock the orders: %w", err)
	}
	var forgotten []Claim
	for _, c := range changes {
		if !c.found && c.result.Order != nil {
			forgotten = append(forgotten, c.result.Claim)
		}
	}
	if forgotten == nil {
		return now, nil
	}
	// With our lease, so that the schedule is ours to write, unless somebody else was quicker to make it.
	if _, err := tx.Exec(ctx, `
		insert into checks (order_id, lease, hints, cause, first_seen_by)
		select id, lease, hints, 'poll', 'webhook'
		from unnest($1::text[], $2::bigint[], $3::bigint[]) as f (id, lease, hints) order by id
		on conflict do nothing`,
		column(forgotten, func(c Claim) string { return c.OrderID }),
		column(forgotten, func(c Claim) int64 { return c.lease }),
		column(forgotten, func(c Claim) int64 { return c.hints })); err != nil {
		return now, fmt.Errorf("remember forgotten orders: %w", err)
	}
	return lockRows(ctx, tx, changes)
}

// lockedCheck is a check with the order that it is about.
type lockedCheck struct {
	OrderID string
	check
}

func lockRows(ctx context.Context, tx pgx.Tx, changes []*change) (now time.Time, err error) {
	byID := make(map[string]*change, len(changes))
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.result.Claim.OrderID
		byID[ids[i]] = c
	}
	b := &pgx.Batch{}
	b.Queue(`select c.order_id, `+checkSelection+` from checks c
		where c.order_id = any($1) order by c.order_id for update`, ids).Query(func(rows pgx.Rows) error {
		checks, err := pgx.CollectRows(rows, pgx.RowToStructByName[lockedCheck])
		for _, k := range checks {
			byID[k.OrderID].lockedCheck(k.check)
		}
		return err
	})
	b.Queue(`select `+orderSelection+` from orders o
		where o.order_id = any($1) order by o.order_id for update`, ids).Query(func(rows pgx.Rows) error {
		orders, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[orderRow])
		for _, o := range orders {
			byID[o.OrderID].cur = o
		}
		return err
	})
	// Not now(), which is of before the wait for the locks: what is stored under them is in the order of the clock.
	b.Queue(`select clock_timestamp()`).QueryRow(func(r pgx.Row) error { return r.Scan(&now) })
	return now, tx.SendBatch(ctx, b).Close()
}
