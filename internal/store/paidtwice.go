package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// reference is a shop's reference that orders pay for. Play money and real money are told apart.
type reference struct {
	Ref  string
	Test bool
}

// markPaidTwice tells orders that come to pay for a reference which another order has paid for. The references are
// locked until the commit, so of two orders that are paid at once the first to commit is the first, for good: no order
// is marked later, and no mark is taken back.
func markPaidTwice(ctx context.Context, tx pgx.Tx, changes []*change) error {
	var paying []*change
	var refs []reference
	for _, c := range changes {
		if c.startsToPay() {
			paying = append(paying, c)
			refs = append(refs, reference{*c.next.MerchantOrderID, c.next.Test})
		}
	}
	if paying == nil {
		return nil
	}
	paid, err := lockReferences(ctx, tx, refs)
	if err != nil {
		return fmt.Errorf("look for orders paid twice: %w", err)
	}
	for i, c := range paying {
		if paid[refs[i]] {
			c.next.PaidTwice, c.outcome.PaidTwice = true, true
			c.next.reclear()
		}
		paid[refs[i]] = true
	}
	return nil
}

// startsToPay reports whether the change makes an order one that paid for its reference: its money was taken, or,
// having been taken before, it now counts for another reference.
func (c *change) startsToPay() bool {
	if c.next == nil || !c.next.State.Took() || c.next.MerchantOrderID == nil {
		return false
	}
	return c.next.PaidSeq == nil || deref(c.cur.MerchantOrderID) != *c.next.MerchantOrderID
}

// lockReferences keeps others from paying for the references until the commit, and tells which are paid.
func lockReferences(ctx context.Context, tx pgx.Tx, refs []reference) (map[reference]bool, error) {
	names := column(refs, func(r reference) string { return r.Ref })
	tests := column(refs, func(r reference) bool { return r.Test })
	paid := make(map[reference]bool, len(refs))
	b := &pgx.Batch{}
	b.Queue(`
		select pg_advisory_xact_lock(key)
		from (select distinct hashtextextended('paid:' || ref, 0) from unnest($1::text[]) as ref order by 1) as k (key)`,
		names)
	// The limit has the planner look into the index for each reference. As a plain join it would read all orders, with a
	// plan that it made while they were few and keeps.
	b.Queue(`
		select r.ref, r.test from unnest($1::text[], $2::bool[]) as r (ref, test)
		cross join lateral (
			select from orders o
			where hashtextextended(o.merchant_order_id, 0) = hashtextextended(r.ref, 0) and o.merchant_order_id = r.ref
				and o.test = r.test and o.paid_seq is not null limit 1
		) as payer`, names, tests).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[reference])
		for _, r := range found {
			paid[r] = true
		}
		return err
	})
	return paid, tx.SendBatch(ctx, b).Close()
}
