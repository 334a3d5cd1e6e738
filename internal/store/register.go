package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// ContradictionError says that an order was registered before with another value. Field is the one that differs.
type ContradictionError struct {
	Field string
}

func (e *ContradictionError) Error() string {
	return "registered before with another " + e.Field
}

// Registration is what came of Register.
type Registration struct {
	Order    Order
	Created  bool // the order was not known before; an id that only webhooks had named counts as not known
	Mismatch bool // the gateway's order differs from what is expected, as nobody had seen before
}

// Register records that the shop created the order with the gateway itself, and what it expects of it; a zero value is
// as good as nil. It may be repeated, and may fill in what an earlier call left open; a value that contradicts an
// earlier one is refused with a *ContradictionError, and then nothing is stored. The order is looked at once it is
// Schedule.MinAge old, unless a webhook comes first, and at once if the gateway did not know it so far.
func (s *Store) Register(ctx context.Context, id string, e Expected) (Registration, error) {
	if !nopayn.ValidID(id) {
		return Registration{}, nopayn.ErrInvalidID
	}
	var reg Registration
	var c *change
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		c = &change{result: Result{Claim: Claim{OrderID: id, Cause: causeOperation}}}
		reg, err = s.register(ctx, tx, c, e, "registered")
		return err
	})
	if err != nil {
		return Registration{}, fmt.Errorf("register order %s: %w", id, err)
	}
	s.tell(c)
	return reg, nil
}

// register notes what the shop expects of an order, and says who told of the order first if nobody has before.
func (s *Store) register(ctx context.Context, tx pgx.Tx, c *change, e Expected, by string) (Registration, error) {
	_, err := tx.Exec(ctx, `
		insert into checks as c (order_id, known, cause, first_seen_by, due_at)
		values ($1, true, 'poll', $2, now() + $3::interval)
		on conflict (order_id) do update set known = true`, c.result.Claim.OrderID, by, s.rules.Schedule.MinAge)
	if err != nil {
		return Registration{}, fmt.Errorf("schedule it: %w", err)
	}
	now, err := lockOrders(ctx, tx, []*change{c})
	if err != nil {
		return Registration{}, err
	}
	if err := s.expect(c, e.said(), now); err != nil {
		return Registration{}, err
	}
	if c.cur != nil && c.cur.State == payment.NotFound && !c.check.underWay(now) {
		c.check.schedule(now, causePoll) // the shop insists: ask the gateway again
	}
	if err := s.write(ctx, tx, []*change{c}); err != nil {
		return Registration{}, err
	}
	present := c.cur
	if c.next != nil {
		present = c.next
	}
	return Registration{
		Order: s.show(present, c.check), Created: c.cur == nil, Mismatch: slices.Contains(c.events, EventMismatch),
	}, nil
}

// expect puts the shop's word beside the order's other facts, and notes what the feed has to tell of it: an order that
// is not what the shop expects, or that may ship by being registered (payment.Policy.RequireRegistration).
func (s *Store) expect(c *change, e Expected, now time.Time) error {
	next := &orderRow{
		OrderID: c.result.Claim.OrderID, Kind: payment.KindPayment, State: payment.Unverified,
		FirstSeenAt: c.check.CheckSeenAt, FirstSeenBy: c.check.CheckSeenBy,
	}
	if c.cur != nil {
		*next = *c.cur
	}
	changed, field := next.expect(e)
	if field != "" {
		return &ContradictionError{Field: field}
	}
	if next.RegisteredAt == nil {
		next.RegisteredAt, changed = &now, true
	}
	if !changed {
		return nil
	}
	if !next.verified() {
		next.MerchantOrderID = next.ExpectedMerchantOrderID // the shop's word, until there is the gateway's
	}
	next.UpdatedAt = now
	next.reclear()
	c.next = next
	switch {
	case c.cur == nil:
	case next.mismatched() && !c.cur.mismatched():
		c.note(EventMismatch, next)
	case next.record().Fulfillable(s.rules.Policy) != c.cur.record().Fulfillable(s.rules.Policy):
		c.note(EventChanged, next)
	}
	return nil
}

// expect fills in what the shop has not said before, and reports whether it did. It names a field that the shop has
// said to be something else.
func (r *orderRow) expect(e Expected) (changed bool, contradiction string) {
	for _, f := range []struct {
		name string
		word agreement
	}{
		{"merchant_order_id", agree(&r.ExpectedMerchantOrderID, e.MerchantOrderID)},
		{"amount", agree(&r.ExpectedAmount, e.Amount)},
		{"currency", agree(&r.ExpectedCurrency, e.Currency)},
	} {
		switch f.word {
		case contradicts:
			return false, f.name
		case fillsIn:
			changed = true
		}
	}
	return changed, ""
}

// agreement says how the shop's word stands to its earlier one.
type agreement int

const (
	agrees agreement = iota
	fillsIn
	contradicts
)

// agree fills in *have from want if it is open.
func agree[T comparable](have **T, want *T) agreement {
	switch {
	case want == nil:
		return agrees
	case *have == nil:
		*have = want
		return fillsIn
	case **have != *want:
		return contradicts
	}
	return agrees
}
