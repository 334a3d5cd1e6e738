package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// candidate is all that the checklist of CONTRACT 3.5 asks about.
type candidate struct {
	order    *nopayn.Order
	expected *payment.Expected
	policy   payment.Policy
	edit     func(*payment.Record) // what our own books say, after the order was read
}

// good satisfies every rule of CONTRACT 3.5.
func good() candidate {
	return candidate{
		order:    completed(attempts(sale("completed"))),
		expected: &payment.Expected{MerchantOrderID: "ORDER-001", Amount: amount, Currency: "EUR"},
		policy:   payment.Policy{RequireRegistration: true},
		edit:     func(*payment.Record) {},
	}
}

func (c candidate) verdict() string {
	r := verified(c.order)
	r.Expected = c.expected
	c.edit(&r)
	return verdictOn(r, c.policy)
}

// document breaks a rule in the gateway's document.
func document(c change) func(*candidate) { return func(g *candidate) { c(g.order) } }

// books breaks a rule in what we know ourselves.
func books(edit func(*payment.Record)) func(*candidate) {
	return func(g *candidate) { g.edit = edit }
}

func status(s nopayn.Status) func(*candidate) {
	return document(func(o *nopayn.Order) { o.Status = s })
}

func attempt(edit func(*nopayn.Transaction)) func(*candidate) {
	return document(func(o *nopayn.Order) { edit(&o.Transactions[0]) })
}

// spoiled is a candidate of which one rule is broken and no other, named after the rule.
type spoiled struct {
	name  string
	spoil func(*candidate)
	want  string
}

func checkSpoiled(t *testing.T, cases []spoiled) {
	t.Helper()
	if got := good().verdict(); got != paid {
		t.Fatalf("an order that satisfies every rule reads as %q, want %q", got, paid)
	}
	for _, s := range cases {
		t.Run(s.name, func(t *testing.T) {
			c := good()
			s.spoil(&c)
			if got := c.verdict(); got != s.want {
				t.Errorf("read as %q, want %q", got, s.want)
			}
		})
	}
}

// Each case of these tests breaks one rule of CONTRACT 3.5 and no other. Rule 10 is the store's alone.
func TestChecklistRules1To4(t *testing.T) {
	checkSpoiled(t, []spoiled{
		{
			"rule 1: not confirmed by the gateway",
			books(func(r *payment.Record) { r.State = payment.Unverified }), "unverified: unverified",
		},
		{
			"rule 1: gateway does not know it",
			books(func(r *payment.Record) { r.State = payment.NotFound }), "not_found: unverified",
		},
		{"rule 2: new", status("new"), pending},
		{"rule 2: processing", status("processing"), pending},
		{"rule 2: error", status("error"), failed},
		{"rule 2: cancelled", status("cancelled"), cancelled},
		{"rule 2: expired", status("expired"), expired},
		{"rule 2: expired with a time of completion (C16)", document(func(o *nopayn.Order) {
			o.Status, o.Completed = "expired", created()
		}), expired},
		{"rule 2: authorized", status("authorized"), authorized},
		{"rule 2: captured", status("captured"), unknown},
		{"rule 2: Completed", status("Completed"), unknown},
		{"rule 3: a cent less", document(func(o *nopayn.Order) { o.Amount-- }), "paid: amount_mismatch"},
		{"rule 3: a cent more", document(func(o *nopayn.Order) { o.Amount++ }), "paid: amount_mismatch"},
		{
			"rule 3: another currency", document(func(o *nopayn.Order) { o.Currency = "SEK" }),
			"paid: currency_mismatch",
		},
		{
			"rule 3: both", document(func(o *nopayn.Order) { o.Amount, o.Currency = 1, "NOK" }),
			"paid: amount_mismatch currency_mismatch",
		},
		{"rule 4: never registered", func(c *candidate) { c.expected = nil }, "paid: unregistered"},
		{
			"rule 4: another reference", document(func(o *nopayn.Order) { o.MerchantOrderID = "ORDER-002" }),
			"paid: reference_mismatch",
		},
		{
			"rule 4: no reference", document(func(o *nopayn.Order) { o.MerchantOrderID = "" }),
			"paid: reference_mismatch",
		},
	})
}

func TestChecklistRules5And6(t *testing.T) {
	checkSpoiled(t, []spoiled{
		{"rule 5: refund_of_order_id", document(refundOf), "reversal(refund): is_refund"},
		{"rule 5: chargeback_of_order_id", document(chargebackOf), "reversal(chargeback): is_refund"},
		{"rule 5: reversal_of_order_id", document(reversalOf), "reversal(reversal): is_refund"},
		{"rule 5: flag is-refund", document(flags("is-refund")), "reversal(refund): is_refund"},
		{
			"rule 5: only debits", attempt(func(t *nopayn.Transaction) { t.CreditDebit = "debit" }),
			"reversal(refund): is_refund",
		},
		{"rule 5: only debits beside a credit that failed", document(func(o *nopayn.Order) {
			o.Transactions = []nopayn.Transaction{sale("error"), debit("completed")}
		}), "reversal(refund): is_refund"},
		{"rule 5: only debits, all failed", document(func(o *nopayn.Order) {
			o.Status, o.Transactions = "error", []nopayn.Transaction{debit("error")}
		}), "reversal(refund): is_refund"},
		{"rule 6: is-test", document(flags(flagTest)), "paid: test_order"},
	})
}

func TestChecklistRule7(t *testing.T) {
	asReservation := func(t *nopayn.Transaction) { t.TransactionType = "authorization" }
	checkSpoiled(t, []spoiled{
		{"rule 7: authorization", attempt(asReservation), authorized},
		{
			"rule 7: is_capturable without a type", attempt(func(t *nopayn.Transaction) { t.IsCapturable = true }),
			authorized,
		},
		{"rule 7: made for a manual capture", document(manualCapture), authorized},
		{"rule 7: made for a delayed capture", document(delayedCapture), authorized},
		{"rule 7: captured in part", document(func(o *nopayn.Order) {
			o.Transactions[0] = closed(false)
			flags("has-captures")(o)
			amounts(nopayn.AmountDetails{Captured: amount - 1})(o)
		}), partCapture},
		{"rule 7: has-captures, yet is_capturable", document(func(o *nopayn.Order) {
			o.Transactions[0] = reservation("completed")
			flags("has-captures")(o)
		}), partCapture},
		{"rule 7: captured by the amounts, yet is_capturable", document(func(o *nopayn.Order) {
			o.Transactions[0] = reservation("completed")
			amounts(nopayn.AmountDetails{Captured: amount})(o)
		}), partCapture},
		{"rule 7: one reservation taken, another open", document(func(o *nopayn.Order) {
			o.Transactions = []nopayn.Transaction{closed(true), reservation("completed")}
			flags("has-captures")(o)
		}), partCapture},
		{"rule 7: has-voids on a sale", document(flags("has-voids")), voided},
		{"rule 7: has-voids, never mind the capture", document(func(o *nopayn.Order) {
			o.Transactions[0] = closed(true)
			flags("has-captures", "has-voids")(o)
			amounts(nopayn.AmountDetails{Captured: amount})(o)
		}), "paid: voided"},
		{
			"rule 7: voided by the amounts alone", document(amounts(nopayn.AmountDetails{Captured: amount, Voided: 1})),
			"paid: voided",
		},
	})
}

func TestChecklistRules8And9(t *testing.T) {
	checkSpoiled(t, []spoiled{
		{"rule 8: flag has-refunds alone", document(flags("has-refunds")), "partially_refunded: refunded"},
		{"rule 8: refunded_amount alone, in full", document(refundedBy(amount)), "refunded: refunded"},
		{"rule 8: refunded_amount alone, in part", document(refundedBy(1)), "partially_refunded: refunded"},
		{"rule 8: refund_orders alone", document(refundedBy(0, "r1")), "partially_refunded: refunded"},
		{
			"rule 8: refunded by the amounts alone",
			document(amounts(nopayn.AmountDetails{Captured: amount, Refunded: amount})), "refunded: refunded",
		},
		{"rule 8: chargeback_orders", document(chargedBack), charged},
		{"rule 8: reversal_orders", document(reversed), charged},
		{"rule 8: charged back after a refund in part", document(func(o *nopayn.Order) {
			refundedBy(part, "r1")(o)
			chargedBack(o)
		}), "charged_back: refunded charged_back"},
		{
			"rule 9: another order paid for the same purchase",
			books(func(r *payment.Record) { r.PaidTwice = true }), "paid: paid_twice",
		},
	})
}

// Rule 11: a later error, expired or cancelled for a paid order is an alarm.
func TestChecklistRule11(t *testing.T) {
	for _, later := range []nopayn.Status{"error", "expired", "cancelled", "new", "processing", "authorized", "what"} {
		if s := payment.Assess(order(later)).State; !payment.Paid.WentBack(s) {
			t.Errorf("paid, then %s (%s): no alarm", later, s)
		}
	}
}

// What satisfies the rules in another way: a payment that is not seen as one is the second worst fault.
func TestChecklistSatisfied(t *testing.T) {
	tests := []struct {
		name string
		edit func(*candidate)
	}{
		{"rule 3: nothing expected of the amount", func(c *candidate) { c.expected.Amount = 0 }},
		{"rule 3: nothing expected at all", func(c *candidate) { c.expected = &payment.Expected{} }},
		{"rule 3: currency in small letters (1.6)", func(c *candidate) { c.expected.Currency = "eur" }},
		{"rule 4: registration not asked for", func(c *candidate) {
			c.expected, c.policy = nil, payment.Policy{}
		}},
		{"rule 5: credit_debit absent", attempt(func(t *nopayn.Transaction) { t.CreditDebit = "" })},
		{"rule 5: a debit that failed beside the credit", document(attempts(debit("error")))},
		{"rule 5: transactions absent (W18)", document(func(o *nopayn.Order) { o.Transactions = nil })},
		{"rule 6: test orders allowed", func(c *candidate) {
			flags(flagTest)(c.order)
			c.policy.AllowTestOrders = true
		}},
		{"rule 6: unknown flag", document(flags("brand-new-flag"))},
		{"rule 7: captured by the flag", document(func(o *nopayn.Order) {
			o.Transactions[0] = closed(true)
			flags("has-captures")(o)
		})},
		{"rule 7: captured by the amounts", document(func(o *nopayn.Order) {
			o.Transactions[0] = closed(false)
			amounts(nopayn.AmountDetails{Captured: amount})(o)
		})},
		{"rule 7: an authorization that failed beside a sale", document(func(o *nopayn.Order) {
			failure := closed(false)
			failure.Status = "error"
			o.Transactions = append(o.Transactions, failure)
		})},
		{
			"rule 7: manual capture, by a method that takes the money at once",
			document(func(o *nopayn.Order) {
				manualCapture(o)
				amounts(nopayn.AmountDetails{Captured: amount})(o)
			}),
		},
		{"rule 7: amounts that say nothing of a sale", document(amounts(nopayn.AmountDetails{}))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good()
			tt.edit(&c)
			if got := c.verdict(); got != paid {
				t.Errorf("read as %q, want %q", got, paid)
			}
		})
	}
}
