package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// The cases of CONTRACT 4.7 that are about reading a document, each as the documents that went wrong in the field.
func TestFieldFailures(t *testing.T) {
	checkWalks(t, []walk{
		{"W2: a retry after a failed payment was ignored", []step{
			going(failed, order("error", attempts(sale("error")))),
			going(failed, order("error", attempts(sale("error"), sale("error")))),
			going(paid, completed(attempts(sale("error"), sale("error"), sale("completed")))),
		}},
		{"W7, W8: late webhook of the method given up", []step{
			going(paid, completed(attempts(sale("cancelled"), sale("completed")))),
			going(paid, completed(attempts(sale("completed"), sale("expired")))),
		}},
		{"W17: unknown status, then it settles", []step{
			going(unknown, order("on-hold-review", attempts(sale("under_review")))),
			going(paid, completed(attempts(sale("completed")))),
		}},
		{"W17: paid, then a status never seen before", []step{
			going(paid, completed(attempts(sale("completed")))),
			undoing(unknown, order("on-hold-review", attempts(sale("completed")))),
		}},
		{"W18: no transactions", []step{
			going(pending, order("new")),
			going(expired, order("expired")),
			going(cancelled, order("cancelled")),
			going(failed, order("error")),
			going(paid, completed()),
		}},
		{"W29: a refund is followed until it settles", []step{
			going("reversal(refund): is_refund", order("processing", refundOf)),
			going("reversal(refund): is_refund", order("error", refundOf)),
		}},
		{"W36: an out-of-order processing takes a paid order back", []step{
			going(paid, completed(attempts(sale("completed")))),
			undoing(pending, order("processing", attempts(sale("pending")))),
		}},
		{"W36: refunded, then paid again", []step{
			going("refunded: refunded", completed(attempts(sale("completed")), refundedBy(amount))),
			undoing(paid, completed(attempts(sale("completed")))),
		}},
		{"W38: late success after cancelled", []step{
			going(cancelled, order("cancelled")),
			going(paid, completed(attempts(sale("completed")))),
		}},
	})
}

// Those about reserved money.
func TestFieldFailuresOfReservations(t *testing.T) {
	checkWalks(t, []walk{
		{"W3: authorizations treated as paid", []step{
			going(authorized, completed(attempts(reservation("completed")))),
			going(authorized, completed(attempts(closed(false)))),
		}},
		{"W4: an authorized order is not unpaid", []step{
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
		}},
		{"W13b: capture failed", []step{
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
			going(authorized, completed(manualCapture, attempts(reservation("completed")),
				amounts(nopayn.AmountDetails{Capturable: amount, Voidable: amount}))),
		}},
		{"W18: no transactions, made for a manual capture", []step{going(authorized, completed(manualCapture))}},
		{"W18: no transactions, but amounts: reserved", []step{
			going(authorized, completed(amounts(nopayn.AmountDetails{Capturable: amount}))),
			going(paid, completed(amounts(nopayn.AmountDetails{Captured: amount}))),
		}},
		{"W18: no transactions, and amounts of nothing", []step{
			going(authorized, completed(amounts(nopayn.AmountDetails{}))),
		}},
		{"W19: captured by flag, not by the attempt's status", []step{
			going(authorized, completed(attempts(capturedByStatus()))),
			going(paid, completed(attempts(closed(true)), flags("has-captures"))),
		}},
		{"W20: void after capture", []step{
			going(paid, completed(attempts(closed(true)), flags("has-captures"))),
			going("paid: voided", completed(attempts(closed(true)), flags("has-captures", "has-voids"))),
		}},
		{"W39: transaction_type outlives the capture", []step{
			going(authorized, completed(attempts(reservation("completed")))),
			going(paid, completed(attempts(closed(true)), flags("has-captures"))),
			going(paid, completed(attempts(closed(false)), flags("has-captures"),
				amounts(nopayn.AmountDetails{Captured: amount, Refundable: amount}))),
		}},
	})
}

// W33: the orders that move money back say completed when the customer has it.
func TestFieldFailureW33(t *testing.T) {
	for name, back := range map[string]*nopayn.Order{
		"refund":            completed(refundOf, flags("is-refund"), attempts(debit("completed"))),
		"refund by its id":  completed(refundOf, attempts(sale("completed"))),
		"refund by flag":    completed(flags("is-refund"), attempts(sale("completed"))),
		"refund by attempt": completed(attempts(debit("completed"))),
		"chargeback":        completed(chargebackOf, attempts(sale("completed"))),
		"reversal":          completed(reversalOf, attempts(sale("completed"))),
		"without attempts":  completed(refundOf),
	} {
		t.Run(name, func(t *testing.T) {
			if a := payment.Assess(back); a.State != payment.Reversal {
				t.Errorf("state %s, want reversal", a.State)
			}
			if verified(back).Fulfillable(payment.Policy{AllowTestOrders: true}) {
				t.Error("the shop would ship again")
			}
			if payment.NeedsAmountDetails(back) {
				t.Error("asks for the amounts of an order that is no payment")
			}
		})
	}
}

// W9: the merchant's reference is a label, and may change under an order.
func TestFieldFailureW9(t *testing.T) {
	r := verified(completed(attempts(sale("completed")), func(o *nopayn.Order) { o.MerchantOrderID = "1001" }))
	if got := verdictOn(r, payment.Policy{}); got != paid {
		t.Errorf("never registered: %q, want %q", got, paid)
	}
	r.Expected = &payment.Expected{MerchantOrderID: "ORDER-001"}
	if got, want := verdictOn(r, payment.Policy{}), "paid: reference_mismatch"; got != want {
		t.Errorf("registered under another reference: %q, want %q", got, want)
	}
}

// W25: an amount that went through a float is no amount.
func TestFieldFailureW25(t *testing.T) {
	for _, number := range []string{"9.95", "995.0", "9.95e2", "-995", `"995"`} {
		raw := `{"id":"a","status":"completed","currency":"EUR","amount":` + number + `}`
		if o, err := nopayn.ParseOrder([]byte(raw)); err == nil {
			t.Errorf("amount %s is read as %d, want an error", number, o.Amount)
		}
	}
}
