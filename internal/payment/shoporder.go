package payment

import "cmp"

// Attempt is one of the orders that carry the reference of a shop order.
type Attempt struct {
	OrderID string
	Record  Record
	PaidSeq int64 // where in the feed its money was first seen taken; 0 if it never was
}

// Verdict is the answer for a shop order, which may have been paid for by any of several orders.
type Verdict struct {
	PaidOrderID string // the order that paid for it; empty if none did
	Fulfillable bool   // the goods may leave, once, for PaidOrderID
	PaidTwice   bool   // more money was taken beside that order's, and somebody should give it back
}

// Judge gives the verdict on a shop order. The first order whose money was taken is the one that paid; whether it may
// ship is its own matter. Those that paid after it are held (HoldPaidTwice) and stay so if it is refunded or charged
// back: whether the goods may leave for a second payment is for people to say. Play money counts beside real money and
// not against it: an order paid with it is named only where there is no other, or where only it may ship.
func Judge(attempts []Attempt, p Policy) Verdict {
	var paid *Attempt
	for i := range attempts {
		if a := &attempts[i]; a.paid() && (paid == nil || a.before(paid, p)) {
			paid = a
		}
	}
	var v Verdict
	if paid != nil {
		v.PaidOrderID, v.Fulfillable = paid.OrderID, paid.Record.Fulfillable(p)
	}
	for _, a := range attempts {
		if a.Record.PaidTwice && (paid == nil || a.Record.Test == paid.Record.Test) {
			v.PaidTwice = true
		}
	}
	return v
}

// paid reports whether the attempt counts as the payment of its shop order.
func (a *Attempt) paid() bool { return a.Record.State.Took() && !a.Record.PaidTwice }

// before reports whether a, and not b, is the one that paid.
func (a *Attempt) before(b *Attempt, p Policy) bool {
	if fa, fb := a.Record.Fulfillable(p), b.Record.Fulfillable(p); fa != fb {
		return fa
	}
	if a.Record.Test != b.Record.Test {
		return b.Record.Test
	}
	return cmp.Less(a.PaidSeq, b.PaidSeq)
}
