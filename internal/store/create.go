package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/nopayn"
)

// FinishCreate stores the order that came of a create, which the gateway told of after the ticket was last committed:
// with what the shop expects of it, and with its event, in one transaction. It may be repeated.
func (s *Store) FinishCreate(ctx context.Context, t *Ticket, o *nopayn.Order) (Order, error) {
	asked := t.SentAt
	if t.Now.After(asked) {
		asked = t.Now
	}
	var changes []*change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			update operations set
				status = 'done', order_id = $2, detail = null, open = false, lease = null, due_at = null, updated_at = now()
			where key = $1 and (order_id is null or order_id = $2)`, t.Key, o.ID)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrTaken
		}
		changes, err = s.storeCreated(ctx, tx, t.Expected, asked, o)
		return err
	})
	if err != nil {
		return Order{}, fmt.Errorf("store created order %s: %w", o.ID, err)
	}
	s.tell(changes...)
	return s.Order(ctx, o.ID)
}

// Created returns an order, and the gateway's document of it as it was last read; ErrNotFound without one.
func (s *Store) Created(ctx context.Context, orderID string) (Order, *nopayn.Order, error) {
	var raw []byte
	err := s.pool.QueryRow(ctx, `select doc from orders where order_id = $1`, orderID).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && raw == nil {
		err = ErrNotFound
	}
	if err != nil {
		return Order{}, nil, fmt.Errorf("document of order %s: %w", orderID, err)
	}
	document, err := nopayn.ParseOrder(raw)
	if err != nil {
		return Order{}, nil, fmt.Errorf("document of order %s: %w", orderID, err)
	}
	order, err := s.Order(ctx, orderID)
	return order, document, err
}

// HeardLater is how long after it was sent a create's order may be heard of for the first time, by a webhook or a sweep.
const HeardLater = 24 * time.Hour

const (
	// heardBefore allows for a database that took another's place and whose clock is behind.
	heardBefore = 5 * time.Minute
	// mostAlike bounds how many orders are returned that hold a reference.
	mostAlike = 8
)

// MaybeCreated returns the gateway's documents of orders that hold the reference of a create somewhere, that no other
// create is known to have made, and that were heard of since it was sent: by a sweep or a webhook, by our own clock,
// whatever the gateway's says. Which of them is the create's, the caller finds out.
func (s *Store) MaybeCreated(ctx context.Context, t *Ticket) ([]*nopayn.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	// A document is searched as a text: to read its members, Postgres would have to like all of it.
	rows, _ := s.pool.Query(ctx, `
		select doc::text from orders o
		where first_seen_at between $1 and $2 and amount = $3 and strpos(doc::text, $4) > 0
			and not exists (select from operations p where p.order_id = o.order_id and p.kind = 'create')
		order by first_seen_at limit $5`,
		t.SentAt.Add(-heardBefore), t.SentAt.Add(HeardLater), t.Amount, t.Reference, mostAlike)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for the order of create %s: %w", t.Key, err)
	}
	var documents []*nopayn.Order
	for _, text := range texts {
		if o, err := nopayn.ParseOrder([]byte(text)); err == nil {
			documents = append(documents, o)
		}
	}
	return documents, nil
}

// storeCreated first takes down what the shop expects, and then the gateway's answer, as a look would bring it. What
// somebody has registered before under this id stands.
func (s *Store) storeCreated(
	ctx context.Context, tx pgx.Tx, e Expected, asked time.Time, o *nopayn.Order,
) ([]*change, error) {
	registered := &change{result: Result{Claim: Claim{OrderID: o.ID, Cause: causeOperation}}}
	_, err := s.register(ctx, tx, registered, e, "created")
	var contradiction *ContradictionError
	if err != nil && !errors.As(err, &contradiction) {
		return nil, err
	}
	c := &change{result: Result{
		Claim: Claim{OrderID: o.ID, Known: true, Cause: causeOperation}, Asked: asked, Order: o,
	}}
	now, err := lockOrders(ctx, tx, []*change{c})
	if err != nil {
		return nil, err
	}
	s.judge(c, now)
	if err := markPaidTwice(ctx, tx, []*change{c}); err != nil {
		return nil, err
	}
	return []*change{registered, c}, s.write(ctx, tx, []*change{c})
}
