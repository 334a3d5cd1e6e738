package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/payment"
)

// checkedOrder is an order with its check.
type checkedOrder struct {
	orderRow
	check
}

const selectOrder = `select ` + orderSelection + `, ` + checkSelection + `
	from orders o join checks c on c.order_id = o.order_id `

// Order returns one order. An id that only webhooks have named is ErrNotFound.
func (s *Store) Order(ctx context.Context, id string) (Order, error) {
	rows, _ := s.pool.Query(ctx, selectOrder+`where o.order_id = $1`, id)
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[checkedOrder])
	if errors.Is(err, pgx.ErrNoRows) {
		return Order{}, fmt.Errorf("order %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Order{}, fmt.Errorf("read order %s: %w", id, err)
	}
	return s.show(&r.orderRow, r.check), nil
}

// Filter selects orders. A nil field does not select.
type Filter struct {
	MerchantOrderID *string
	State           *payment.State
	Status          *string
	Settled         *bool
	Stuck           *bool
	Fulfillable     *bool
	UpdatedAfter    *time.Time
}

// ByChange reports whether the list goes by the orders' last changes, and not by when they were first seen: what
// changed since is then found without reading all that did not.
func (f Filter) ByChange() bool { return f.UpdatedAfter != nil }

// Cursor is a place in a list of orders; the zero value is its beginning. It is good for the filter that it is of.
type Cursor struct {
	At      time.Time // when the order at the place was first seen, or last changed: see Filter.ByChange
	OrderID string
}

// Orders lists at most limit orders, from behind the cursor: those first seen last come first, or, if the list goes by
// change, those that changed longest ago, so that an order which changes while pages are turned comes once more rather
// than never. The second result is where to go on, nil at the end. The cost of a page does not grow with its number.
func (s *Store) Orders(ctx context.Context, f Filter, after Cursor, limit int) ([]Order, *Cursor, error) {
	rows, _ := s.listRows(ctx, f, after, limit+1)
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[checkedOrder])
	if err != nil {
		return nil, nil, fmt.Errorf("list orders: %w", err)
	}
	var next *Cursor
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].place(f)
	}
	return column(found, s.showChecked), next, nil
}

// place is where the order stands in a list.
func (o *checkedOrder) place(f Filter) *Cursor {
	if f.ByChange() {
		return &Cursor{At: o.UpdatedAt, OrderID: o.OrderID}
	}
	return &Cursor{At: o.FirstSeenAt, OrderID: o.OrderID}
}

// listRows asks for at most n orders behind the cursor.
func (s *Store) listRows(ctx context.Context, f Filter, after Cursor, n int) (pgx.Rows, error) {
	by, behind, direction := "o.first_seen_at", "<", "desc"
	if f.ByChange() {
		by, behind, direction = "o.updated_at", ">", "asc"
	}
	where, args := f.where(s.rules.Policy)
	if after != (Cursor{}) {
		args = append(args, after.At, after.OrderID)
		where = append(where, fmt.Sprintf("(%s, o.order_id) %s ($%d, $%d)", by, behind, len(args)-1, len(args)))
	}
	args = append(args, n)
	query := selectOrder
	if len(where) > 0 {
		query += "where " + strings.Join(where, " and ")
	}
	query += fmt.Sprintf(" order by %s %s, o.order_id %s limit $%d", by, direction, direction, len(args))
	return s.pool.Query(ctx, query, args...)
}

// show renders a row with its check, and says once if there is one whose document cannot be read.
func (s *Store) show(r *orderRow, c check) Order {
	o := view(r, c, s.rules.Policy)
	if r.unreadable != nil && s.unreadable.CompareAndSwap(false, true) {
		s.log.Error("a stored document cannot be read: orders like this one are shown without what only it tells",
			"order_id", r.OrderID, "err", r.unreadable)
	}
	return o
}

func (s *Store) showChecked(o *checkedOrder) Order { return s.show(&o.orderRow, o.check) }

// where renders the filter as conditions, each with a parameter of its own.
func (f Filter) where(p payment.Policy) (where []string, args []any) {
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.MerchantOrderID != nil {
		add(hasReference, *f.MerchantOrderID)
	}
	if f.State != nil {
		add("o.state = $%d", string(*f.State))
	}
	if f.Status != nil {
		add("left(o.status, 64) = left($%[1]d, 64) and o.status = $%[1]d", *f.Status) // as it is indexed
	}
	// Written out, so that the planner can use the partial indexes.
	where = append(where, flag("o.settled", f.Settled)...)
	where = append(where, flag("o.stuck", f.Stuck)...)
	where = append(where, flag(fulfillable(p), f.Fulfillable)...)
	if f.UpdatedAfter != nil {
		add("o.updated_at > $%d", *f.UpdatedAfter)
	}
	return where, args
}

// hasReference is the condition that an order carries a reference, as it is indexed: by a hash, since it may be longer
// than an index takes.
const hasReference = `hashtextextended(o.merchant_order_id, 0) = hashtextextended($%[1]d, 0)
	and o.merchant_order_id = $%[1]d`

// fulfillable is the condition under which an order may ship: clear, and not held by the operator's policy.
func fulfillable(p payment.Policy) string {
	condition := "o.clear"
	if !p.AllowTestOrders {
		condition += " and not o.test"
	}
	if p.RequireRegistration {
		condition += " and o.registered_at is not null"
	}
	return condition
}

func flag(condition string, want *bool) []string {
	switch {
	case want == nil:
		return nil
	case *want:
		return []string{condition}
	}
	return []string{"not (" + condition + ")"}
}
