package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/payment"
)

// maxAttempts bounds the orders of one reference that are shown.
const maxAttempts = 100

// MerchantOrder is one verdict for a shop order, whichever of its orders was paid.
type MerchantOrder struct {
	MerchantOrderID string  `json:"merchant_order_id" doc:"The shop's own reference."`
	Fulfillable     bool    `json:"fulfillable" doc:"The goods may leave, once, for paid_order_id."`
	PaidOrderID     *string `json:"paid_order_id" doc:"The first order whose money was taken; null if there is none."`
	PaidTwice       bool    `json:"paid_twice" doc:"Money was taken for a later order too. That order is held by paid_twice, and stays so if the first is refunded."`
	Orders          []Order `json:"orders" doc:"The newest hundred, newest first, and of older ones those that the verdict rests on."`
}

// MerchantOrder gives the verdict for all orders that carry a reference, however many there are; what it shows of them
// is bounded. A reference that no order carries is ErrNotFound. The reference is the gateway's word, or the shop's
// until there is one.
func (s *Store) MerchantOrder(ctx context.Context, ref string) (MerchantOrder, error) {
	reference := fmt.Sprintf(hasReference, 1)
	// One statement sees one moment. Of those that paid, the first of each kind decides: with real and with play money,
	// in place of another order or not.
	rows, _ := s.pool.Query(ctx, `
		with newest as (
			select o.order_id from orders o where `+reference+`
			order by o.first_seen_at desc, o.order_id desc limit $2
		), payers as (
			select o.order_id from (values (false, false), (false, true), (true, false), (true, true)) as k (test, twice)
			cross join lateral (
				select o.order_id from orders o
				where `+reference+` and o.test = k.test and o.paid_twice = k.twice and o.paid_seq is not null
				order by o.paid_seq limit 1
			) as o
		)
		`+selectOrder+`
		where o.order_id = any (array(select order_id from newest union select order_id from payers))
		order by o.first_seen_at desc, o.order_id desc`, ref, maxAttempts)
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[checkedOrder])
	if err != nil {
		return MerchantOrder{}, fmt.Errorf("read the orders of a reference: %w", err)
	}
	if len(found) == 0 {
		return MerchantOrder{}, fmt.Errorf("a reference: %w", ErrNotFound)
	}
	verdict := payment.Judge(column(found, (*checkedOrder).attempt), s.rules.Policy)
	return MerchantOrder{
		MerchantOrderID: ref, Fulfillable: verdict.Fulfillable, PaidOrderID: optional(verdict.PaidOrderID),
		PaidTwice: verdict.PaidTwice, Orders: column(found, s.showChecked),
	}, nil
}

// attempt gives the order in the terms of the verdict.
func (o *checkedOrder) attempt() payment.Attempt {
	return payment.Attempt{OrderID: o.OrderID, Record: o.record(), PaidSeq: deref(o.PaidSeq)}
}
