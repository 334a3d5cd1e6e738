package demoshop

import (
	"fmt"
	"slices"
	"time"
)

// move is a movement of money that this shop has asked for.
type move struct {
	Kind     moveKind
	Amount   int64     // minor units
	Refunded int64     // what webhookd had verified as given back when this was sent, in minor units
	At       time.Time // of the answer, or of the sending as long as there is none
	Outcome  outcome
}

// sameWish reports whether both moves ask for the same. Captures and voids are always of all there is.
func (m move) sameWish(other move) bool {
	return m.Kind == other.Kind && (m.Kind != moveRefund || m.Amount == other.Amount)
}

// outcome is what is known of a move.
type outcome string

const (
	outcomeSent    outcome = "sent"   // and not answered yet
	outcomeUnsure  outcome = "unsure" // sent, and the answer was lost, or says neither yes nor no
	outcomeDone    outcome = "done"   // accepted, and still to be verified
	outcomeRefused outcome = "refused"
)

// withMove returns the order with one more move, or with another version of its move number i. The orders that others
// hold stay as they are.
func (o placedOrder) withMove(i int, m move) placedOrder {
	o.Moves = slices.Clone(o.Moves)
	if i == len(o.Moves) {
		o.Moves = append(o.Moves, m)
	} else {
		o.Moves[i] = m
	}
	return o
}

// givenBack is what will have been given back once all refunds that this shop has asked for are done, in minor units.
// One counts from the moment it is sent until what webhookd verified covers it, however long that takes: a check may
// come before the gateway has booked the refund. One whose answer was lost may still happen, so it counts like any
// other. Refunds that others make at the same time may hide behind ours; the gateway has the last word.
func (o placedOrder) givenBack(v verifiedOrder) int64 {
	var sum int64
	for _, m := range o.Moves {
		if m.Kind == moveRefund && m.Outcome != outcomeRefused {
			sum = max(sum, m.Refunded) + m.Amount
		}
	}
	return max(sum, v.RefundedAmount)
}

// refunding is how much of that webhookd has yet to see.
func (o placedOrder) refunding(v verifiedOrder) int64 { return o.givenBack(v) - v.RefundedAmount }

// mayLeave reports whether the goods may: webhookd says so, and no money is on its way back.
func (o placedOrder) mayLeave(v verifiedOrder) bool { return v.Fulfillable && o.refunding(v) == 0 }

// ending reports whether a capture or a void may be under way: webhookd has not asked since the gateway answered. After
// that the reservation can be ended again, even if the answer was lost. That is no risk, unlike with refunds: it is all
// or nothing, and the gateway takes it only from a transaction that still holds the money.
func (o placedOrder) ending(v verifiedOrder) bool {
	return slices.ContainsFunc(o.Moves, func(m move) bool {
		return m.Kind != moveRefund && m.Outcome != outcomeRefused &&
			(m.Outcome == outcomeSent || v.CheckedAt == nil || !v.CheckedAt.After(m.At))
	})
}

// scope is what may be moved.
type scope struct {
	Refundable int64 // minor units; 0 is nothing
	Reserved   int64 // what a capture takes, or a void releases
}

// scope is what may be moved of an order as it was verified, less what is on its way already.
func (o placedOrder) scope(v verifiedOrder) scope {
	switch v.State {
	case "paid", "partially_refunded":
		return scope{Refundable: max(v.Amount-o.givenBack(v), 0)}
	case "authorized":
		if !o.ending(v) {
			return scope{Reserved: v.Amount}
		}
	}
	return scope{}
}

// allows reports whether a move is within the scope.
func (s scope) allows(m move) bool {
	if m.Kind == moveRefund {
		return m.Amount > 0 && m.Amount <= s.Refundable
	}
	return s.Reserved > 0 && m.Amount == s.Reserved
}

// moveText says what was asked for.
func (t *texts) moveText(m move, c currency) string {
	format := map[moveKind]string{
		moveRefund: t.Money.Refunded, moveCapture: t.Money.Captured, moveVoid: t.Money.Voided,
	}[m.Kind]
	return fmt.Sprintf(format, t.money(m.Amount, c))
}

// outcomeText says what is known of a move.
func (t *texts) outcomeText(o outcome) (string, tone) {
	switch o {
	case outcomeDone:
		return t.Money.Done, toneGood
	case outcomeRefused:
		return t.Money.Refused, toneBad
	case outcomeSent:
		return t.Money.Sent, toneWait
	}
	return t.Money.Unsure, toneWait
}
