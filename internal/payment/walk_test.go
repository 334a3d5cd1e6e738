package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// step is a document in the course of a walk: how it reads, and whether it takes back what the one before it said.
type step struct {
	order    *nopayn.Order
	want     string
	wentBack bool
}

// walk is a sequence of documents of one order.
type walk struct {
	name  string
	steps []step
}

func checkWalks(t *testing.T, walks []walk) {
	t.Helper()
	for _, w := range walks {
		t.Run(w.name, func(t *testing.T) {
			before := payment.Unverified
			for i, s := range w.steps {
				if got := verdict(s.order); got != s.want {
					t.Errorf("step %d: read as %q, want %q", i+1, got, s.want)
				}
				now := payment.Assess(s.order).State
				if got := before.WentBack(now); got != s.wentBack {
					t.Errorf("step %d: %s.WentBack(%s) = %t, want %t", i+1, before, now, got, s.wentBack)
				}
				before = now
			}
		})
	}
}

func going(want string, o *nopayn.Order) step   { return step{order: o, want: want} }
func undoing(want string, o *nopayn.Order) step { return step{order: o, want: want, wentBack: true} }

// The walks of CONTRACT 3.3, from here to the orders that move money back.
func TestWalks(t *testing.T) {
	checkWalks(t, []walk{
		{"3.3 card sale", []step{
			going(pending, order("new")),
			going(pending, order("new", attempts(sale("new")))),
			going(pending, order("processing", attempts(sale("pending")))),
			going(pending, order("processing", attempts(sale("accepted")))),
			going(paid, completed(attempts(sale("completed")))),
			going(paid, completed(attempts(sale("completed")))),
		}},
		{"3.3 decline, retry, completed", []step{
			going(pending, order("new", attempts(sale("new")))),
			going(pending, order("processing", attempts(sale("pending")))),
			going(failed, order("error", attempts(sale("error")))),
			going(pending, order("processing", attempts(sale("error"), sale("pending")))),
			going(paid, completed(attempts(sale("error"), sale("completed")))),
		}},
		{"3.3 decline, retry, expired", []step{
			going(failed, order("error", attempts(sale("error")))),
			going(pending, order("processing", attempts(sale("error"), sale("pending")))),
			going(expired, order("expired", attempts(sale("error"), sale("expired")))),
		}},
		{"3.3 customer leaves", []step{
			going(pending, order("new")),
			going(expired, order("expired")),
		}},
	})
}

func TestWalksOfReservations(t *testing.T) {
	checkWalks(t, []walk{
		{"3.3 manual capture, captured", []step{
			going(pending, order("new", manualCapture)),
			going(pending, order("processing", manualCapture, attempts(reservation("pending")))),
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
			going(paid, completed(manualCapture, attempts(closed(true)), flags("has-captures"))),
		}},
		{"3.3 manual capture, voided", []step{
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
			going(voided, completed(manualCapture, attempts(closed(false)), flags("has-voids"))),
		}},
		{"3.3 manual capture, lost at expiry", []step{
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
			going(authorized, completed(manualCapture, attempts(closed(false)))),
			going(expired, order("expired", manualCapture, attempts(closed(false)))),
		}},
		{"2.9 delayed capture by the gateway", []step{
			going(authorized, completed(delayedCapture, attempts(reservation("completed")))),
			going(paid, completed(delayedCapture, attempts(closed(true)), flags("has-captures"))),
		}},
		{"2.9 captured in part, the rest later", []step{
			going(authorized, completed(attempts(reservation("completed")))),
			going(partCapture, completed(attempts(reservation("completed")), flags("has-captures"),
				amounts(nopayn.AmountDetails{Captured: part, Capturable: amount - part}))),
			going(paid, completed(attempts(closed(true)), flags("has-captures"),
				amounts(nopayn.AmountDetails{Captured: amount}))),
		}},
	})
}

func TestWalksOfMoneyBack(t *testing.T) {
	checkWalks(t, []walk{
		{"3.3 refund in part, then in full", []step{
			going(paid, completed(attempts(sale("completed")))),
			going("partially_refunded: refunded",
				completed(attempts(sale("completed")), flags("has-refunds"), refundedBy(part, "r1"))),
			going("refunded: refunded",
				completed(attempts(sale("completed")), flags("has-refunds"), refundedBy(amount, "r1", "r2"))),
		}},
		{"3.3 the refund's own order", []step{
			going("reversal(refund): is_refund", order("new", refundOf, flags("is-refund"))),
			going("reversal(refund): is_refund", order("processing", refundOf, flags("is-refund"),
				attempts(debit("pending")))),
			going("reversal(refund): is_refund", completed(refundOf, flags("is-refund"), attempts(debit("completed")))),
		}},
		{"3.3 charged back", []step{
			going(paid, completed(attempts(sale("completed")))),
			going(charged, completed(attempts(sale("completed")), chargedBack)),
		}},
		{"3.3 the chargeback's own order", []step{
			going("reversal(chargeback): is_refund", order("processing", chargebackOf)),
			going("reversal(chargeback): is_refund", completed(chargebackOf, attempts(debit("completed")))),
		}},
		{"3.3 reversed", []step{
			going(paid, completed(attempts(sale("completed")))),
			going(charged, completed(attempts(sale("completed")), reversed)),
		}},
		{"3.3 the reversal's own order", []step{
			going("reversal(reversal): is_refund", completed(reversalOf)),
		}},
	})
}

// Every pair of states: only a payment that was taken can go back, and only money returned is foreseen (DESIGN 4).
func TestWentBack(t *testing.T) {
	foreseen := map[payment.State][]payment.State{
		payment.Paid:              {payment.Paid, payment.PartiallyRefunded, payment.Refunded, payment.ChargedBack},
		payment.PartiallyRefunded: {payment.PartiallyRefunded, payment.Refunded, payment.ChargedBack},
		payment.Refunded:          {payment.Refunded, payment.ChargedBack},
		payment.ChargedBack:       {payment.ChargedBack},
	}
	for _, from := range states() {
		ahead, took := foreseen[from]
		if got := from.Took(); got != took {
			t.Errorf("%s.Took() = %t, want %t", from, got, took)
		}
		for _, to := range states() {
			want := took
			for _, s := range ahead {
				want = want && s != to
			}
			if got := from.WentBack(to); got != want {
				t.Errorf("%s.WentBack(%s) = %t, want %t", from, to, got, want)
			}
		}
	}
}

// states are all of DESIGN 4.
func states() []payment.State {
	return []payment.State{
		payment.Unverified, payment.Pending, payment.Failed, payment.Authorized, payment.PartiallyCaptured,
		payment.Paid, payment.Reversal, payment.PartiallyRefunded, payment.Refunded, payment.ChargedBack,
		payment.Voided, payment.Cancelled, payment.Expired, payment.Unknown, payment.NotFound,
	}
}
