package demoshop

import (
	"fmt"
	"slices"
	"time"
)

// move is a movement of money that this shop has asked for.
type move struct {
	Kind    moveKind
	Amount  int64 // minor units
	At      time.Time
	Outcome outcome
}

// sameWish reports whether both moves ask for the same. Captures and voids are always of all there is.
func (m move) sameWish(other move) bool {
	return m.Kind == other.Kind && (m.Kind != moveRefund || m.Amount == other.Amount)
}

// outcome is what is known of a move.
type outcome string

const (
	outcomeUnsure  outcome = "unsure" // sent, and the answer was lost
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

// unverified are the moves that webhookd cannot know of yet: it last asked the gateway before.
func (o placedOrder) unverified(v verifiedOrder) []move {
	var moves []move
	for _, m := range o.Moves {
		if m.Outcome != outcomeRefused && (v.CheckedAt == nil || !v.CheckedAt.After(m.At)) {
			moves = append(moves, m)
		}
	}
	return moves
}

// scope is what may be moved.
type scope struct {
	Refundable int64 // minor units; 0 is nothing
	Reserved   int64 // what a capture takes, or a void releases
}

// scope is what may be moved of an order as it was verified, less what is on its way already.
func (o placedOrder) scope(v verifiedOrder) scope {
	pending := o.unverified(v)
	switch v.State {
	case "paid", "partially_refunded":
		left := v.Amount - v.RefundedAmount
		for _, m := range pending {
			if m.Kind == moveRefund {
				left -= m.Amount
			}
		}
		return scope{Refundable: max(left, 0)}
	case "authorized":
		if len(pending) == 0 {
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
	}
	return t.Money.Unsure, toneWait
}
