package store

import (
	"bytes"
	"reflect"
	"slices"
	"time"

	"webhookd/internal/payment"
)

// compare notes the events that lead from the present row to next, and whether next has to be written at all.
func (c *change) compare(next *orderRow, now time.Time) {
	cur := c.cur
	switch {
	case cur == nil || cur.State != next.State:
		c.note("order."+EventType(next.State), next)
	case !sameFacts(cur, next):
		c.note(EventChanged, next)
	}
	if next.mismatched() && (cur == nil || !cur.mismatched()) {
		c.note(EventMismatch, next)
	}
	if cur != nil && cur.verified() && anomalous(cur, next) {
		c.note(EventAnomaly, next)
	}
	if next.Stuck && (cur == nil || !cur.Stuck) {
		c.note(EventStuck, next)
	}
	if len(c.events) > 0 {
		next.UpdatedAt = now
	} else if !sameBookkeeping(cur, next) {
		c.next = next
	}
}

// anomalous reports whether the gateway took back what it had said: the payment, or how much it is.
func anomalous(cur, next *orderRow) bool {
	return cur.State.WentBack(next.State) ||
		deref(cur.Amount) != deref(next.Amount) || deref(cur.Currency) != deref(next.Currency)
}

// sameFacts reports whether two rows of an order in the same state tell a reader the same.
func sameFacts(a, b *orderRow) bool {
	va, vb := view(a, check{}, payment.Policy{}), view(b, check{}, payment.Policy{})
	return reflect.DeepEqual(va.facts(), vb.facts())
}

// facts is the part of o that the gateway vouches for, without the times at which it changed: two answers with equal
// parts need no event.
func (o Order) facts() Order {
	o.ModifiedAt, o.CheckedAt, o.NextCheckAt, o.LastError = nil, nil, nil, nil
	o.CheckFailures, o.Webhooks, o.Seq, o.Settled = 0, WebhookCount{}, 0, false
	o.Transactions = slices.Clone(o.Transactions)
	for i := range o.Transactions {
		o.Transactions[i].ModifiedAt = nil
	}
	return o
}

// sameBookkeeping reports whether rows that tell a reader the same need no write.
func sameBookkeeping(a, b *orderRow) bool {
	return a.Settled == b.Settled && a.Stuck == b.Stuck &&
		deref(a.ModifiedAt).Equal(deref(b.ModifiedAt)) && bytes.Equal(a.Doc, b.Doc)
}
