package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pruneBatch bounds the rows deleted in one transaction, so that nobody waits for it.
	pruneBatch = 1000
	// pruneMargin is how soon an order has to be due to be left alone.
	pruneMargin = time.Minute
)

// PruneEvents deletes the oldest events, those older than keep, at most a batch, and moves the feed's floor. It returns
// how many it deleted and whether there may be more.
func (s *Store) PruneEvents(ctx context.Context, keep time.Duration) (done int, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		// Only the front of the feed may go, or a reader would meet a gap: an event that a clock set back has dated too
		// early waits for its elders. The events are locked in their order, so that replicas that prune at the same time
		// do not wait for each other in a circle.
		var last int64
		err := tx.QueryRow(ctx, `
			with front as (
				select seq, time from events order by seq limit $2
			), old as (
				select seq from events where seq <= (select max(seq) from front)
					and seq < coalesce((select min(seq) from front where time >= now() - $1::interval), $3)
				order by seq limit $2 for update
			), gone as (
				delete from events where seq = any (array(select seq from old)) returning seq
			)
			select count(*), coalesce(max(seq), 0) from gone`, keep, pruneBatch, int64(math.MaxInt64)).Scan(&done, &last)
		if err != nil || done == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `update feed set floor = greatest(floor, $1) where one`, last)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("prune events: %w", err)
	}
	return done, done == pruneBatch, nil
}

// PruneOrders forgets settled orders that have not changed for longer than keep, at most a batch, and returns how many
// and whether there may be more. Their events stay as long as the feed keeps them. An order that somebody looks at, or
// is about to, stays: a webhook may have asked for it. With an order goes the knowledge that it paid for its reference.
func (s *Store) PruneOrders(ctx context.Context, keep time.Duration) (done int, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		// The checks are locked first, as everywhere. What changed before they were is seen when the orders are deleted.
		return tx.QueryRow(ctx, `
			with idle as (
				select c.order_id from checks c join orders o using (order_id)
				where o.settled and o.updated_at < now() - $1::interval
					and c.lease is null and c.failures = 0
					and (c.due_at is null or c.due_at > now() + $3::interval)
				order by o.updated_at limit $2
				for update of c skip locked
			), gone as (
				delete from orders o using idle
				where o.order_id = idle.order_id and o.settled and o.updated_at < now() - $1::interval
				returning o.order_id
			), forgotten as (
				delete from checks c using gone where c.order_id = gone.order_id
			)
			select count(*) from gone`, keep, pruneBatch, pruneMargin).Scan(&done)
	})
	if err != nil {
		return 0, false, fmt.Errorf("prune orders: %w", err)
	}
	return done, done == pruneBatch, nil
}
