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
	return view(&r.orderRow, r.check, s.rules.Policy)
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

// Cursor is a place in a list of orders; the zero value is its beginning.
type Cursor struct {
	FirstSeenAt time.Time
	OrderID     string
}

// Orders lists at most limit orders, newest first, from behind the cursor. The second result is where to go on, nil
// at the end. The cost of a page does not grow with its number.
func (s *Store) Orders(ctx context.Context, f Filter, after Cursor, limit int) ([]Order, *Cursor, error) {
	where, args := f.where(s.rules.Policy)
	if after != (Cursor{}) {
		args = append(args, after.FirstSeenAt, after.OrderID)
		where = append(where, fmt.Sprintf("(o.first_seen_at, o.order_id) < ($%d, $%d)", len(args)-1, len(args)))
	}
	args = append(args, limit+1)
	query := selectOrder
	if len(where) > 0 {
		query += "where " + strings.Join(where, " and ")
	}
	query += fmt.Sprintf(" order by o.first_seen_at desc, o.order_id desc limit $%d", len(args))
	rows, _ := s.pool.Query(ctx, query, args...)
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[checkedOrder])
	if err != nil {
		return nil, nil, fmt.Errorf("list orders: %w", err)
	}
	var next *Cursor
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = &Cursor{FirstSeenAt: last.FirstSeenAt, OrderID: last.OrderID}
	}
	orders := make([]Order, len(found))
	for i, r := range found {
		if orders[i], err = view(&r.orderRow, r.check, s.rules.Policy); err != nil {
			return nil, nil, fmt.Errorf("list orders: %s: %w", r.OrderID, err)
		}
	}
	return orders, next, nil
}

// where renders the filter as conditions, each with a parameter of its own.
func (f Filter) where(p payment.Policy) (where []string, args []any) {
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.MerchantOrderID != nil {
		add("o.merchant_order_id = $%d", *f.MerchantOrderID)
	}
	if f.State != nil {
		add("o.state = $%d", string(*f.State))
	}
	if f.Status != nil {
		add("o.status = $%d", *f.Status)
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
