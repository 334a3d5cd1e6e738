package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/payment"
)

// write takes the feed's positions and stores the changes.
func (s *Store) write(ctx context.Context, tx pgx.Tx, changes []*change) error {
	events, err := s.position(ctx, tx, changes)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	queueOrders(b, changes)
	queueEvents(b, events)
	queueChecks(b, changes)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write the orders: %w", err)
	}
	return nil
}

// position takes as many positions from the feed as there are events, and renders them. The feed's row stays locked
// until the commit.
func (s *Store) position(ctx context.Context, tx pgx.Tx, changes []*change) ([]Event, error) {
	n := 0
	for _, c := range changes {
		n += len(c.events)
	}
	if n == 0 {
		return nil, nil
	}
	var seq int64
	err := tx.QueryRow(ctx, `update feed set head = head + $1 where one returning head - $1`, n).Scan(&seq)
	if err != nil {
		return nil, fmt.Errorf("take %d feed positions: %w", n, err)
	}
	events := make([]Event, 0, n)
	for _, c := range changes {
		for _, t := range c.events {
			seq++
			e, err := s.render(c, t, seq)
			if err != nil {
				return nil, fmt.Errorf("event for order %s: %w", c.next.OrderID, err)
			}
			events = append(events, e)
		}
	}
	return events, nil
}

// render makes the event of type t at position seq, and notes the position on the order.
func (s *Store) render(c *change, t EventType, seq int64) (e Event, err error) {
	next := c.next
	next.Seq = seq
	if next.State.Took() && next.PaidSeq == nil {
		next.PaidSeq = &seq
	}
	e = Event{
		Seq: seq, Type: t, OrderID: next.OrderID, MerchantOrderID: next.MerchantOrderID, Source: c.result.Claim.Cause,
	}
	if e.Order, err = json.Marshal(s.show(next, c.check)); err != nil {
		return Event{}, err
	}
	if c.cur != nil {
		e.Previous, err = json.Marshal(c.cur.previous(s.rules.Policy))
	}
	return e, err
}

func (r *orderRow) previous(p payment.Policy) Previous {
	return Previous{
		Status: r.Status, State: r.State, Amount: r.Amount, Currency: r.Currency,
		Fulfillable: r.record().Fulfillable(p),
	}
}

// queueEvents appends to the feed. The time is taken under the feed's lock, so that it follows the positions.
func queueEvents(b *pgx.Batch, events []Event) {
	if len(events) == 0 {
		return
	}
	b.Queue(fmt.Sprintf(`
		insert into events (seq, type, order_id, merchant_order_id, time, source, previous, snapshot)
		select e.seq, e.type, e.order_id, e.ref, clock_timestamp(), e.source, e.previous, e.snapshot
		from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], `+jsonArray+`, `+jsonArray+`)
			as e (seq, type, order_id, ref, source, previous, snapshot)`, 6, 7),
		column(events, func(e Event) int64 { return e.Seq }),
		column(events, func(e Event) string { return string(e.Type) }),
		column(events, func(e Event) string { return e.OrderID }),
		column(events, func(e Event) *string { return e.MerchantOrderID }),
		column(events, func(e Event) string { return e.Source }),
		jsonTexts(events, func(e Event) []byte { return e.Previous }),
		jsonTexts(events, func(e Event) []byte { return e.Order }))
}
