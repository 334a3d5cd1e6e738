package payment_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// brokenRules reads CONTRACT 3.5 word by word, as far as it speaks of one document and of what the shop expects, and
// gives the rules that are broken. It shares nothing with the package but its types.
func brokenRules(o *nopayn.Order, expected *payment.Expected, p payment.Policy, paidTwice bool) []string {
	var broken []string
	rule := func(name string, holds bool) {
		if !holds {
			broken = append(broken, name)
		}
	}
	flag := func(f string) bool { return slices.Contains(o.Flags, f) }

	rule("2: completed, exactly", o.Status == "completed")
	if expected != nil {
		rule("3: amount", expected.Amount == 0 || o.Amount == expected.Amount)
		upper := strings.ToUpper
		rule("3: currency", expected.Currency == "" || upper(o.Currency) == upper(expected.Currency))
		rule("4: reference", expected.MerchantOrderID == "" || o.MerchantOrderID == expected.MerchantOrderID)
	}
	rule("4: ours", expected != nil || !p.RequireRegistration)

	rule("5: no refund_of_order_id", o.RefundOfOrderID == "")
	rule("5: no chargeback_of_order_id", o.ChargebackOfOrderID == "")
	rule("5: no reversal_of_order_id", o.ReversalOfOrderID == "")
	rule("5: no flag is-refund", !flag("is-refund"))
	moneyIn := len(o.Transactions) == 0
	for _, t := range o.Transactions {
		moneyIn = moneyIn || t.CreditDebit != "debit"
	}
	rule("5: a transaction that is no debit", moneyIn)

	rule("6: is-test", !flag("is-test") || p.AllowTestOrders)

	captured := flag("has-captures") || o.AmountDetails != nil && o.AmountDetails.Captured >= o.Amount
	for _, t := range o.Transactions {
		rule("7: authorization not captured",
			t.Status != "completed" || t.TransactionType != "authorization" || captured)
		rule("7: is_capturable", !t.IsCapturable)
	}
	rule("7: has-voids", !flag("has-voids"))
	if d := o.AmountDetails; d != nil && d.Captured > 0 {
		rule("DESIGN 4: taken in full", d.Captured >= o.Amount)
	}

	rule("8: not refunded", o.RefundedAmount == 0 && !flag("has-refunds") && len(o.RefundOrders) == 0)
	rule("8: not refunded by the amounts", o.AmountDetails == nil || o.AmountDetails.Refunded == 0)
	rule("8: no chargeback_orders", len(o.ChargebackOrders) == 0)
	rule("9: not paid twice", !paidTwice)
	return broken
}

// drawWord draws the usual word most of the time, so that many documents are near to being good.
func drawWord(t *rapid.T, label, usual string, others ...string) string {
	if rapid.IntRange(0, 9).Draw(t, label+" is usual") < 9 {
		return usual
	}
	return rapid.SampledFrom(others).Draw(t, label)
}

func drawAmount(t *rapid.T, label string) int64 {
	return rapid.SampledFrom([]int64{0, part, amount - 1, amount, amount + 1}).Draw(t, label)
}

func rarely(t *rapid.T, label string) bool { return rapid.IntRange(0, 19).Draw(t, label) == 7 }

func drawAttempt(t *rapid.T) nopayn.Transaction {
	return nopayn.Transaction{
		Status: drawWord(t, "attempt", "completed", "new", "pending", "processing", "accepted", "captured", "cancelled",
			"error", "expired", "declined", "authorized", "under_review", ""),
		TransactionType: drawWord(t, "type", "", "authorization", "sale"),
		CreditDebit:     drawWord(t, "direction", "credit", "debit", ""),
		Amount:          drawAmount(t, "attempt's amount"),
		IsCapturable:    rarely(t, "capturable"),
		IsFullyCaptured: rarely(t, "fully captured"),
	}
}

func drawOrder(t *rapid.T) *nopayn.Order {
	o := &nopayn.Order{
		Status: nopayn.Status(drawWord(t, "status", "completed", "new", "processing", "error", "cancelled", "expired",
			"authorized", "see-transactions", "captured", "Completed", "")),
		MerchantOrderID: drawWord(t, "reference", "ORDER-001", "", "ORDER-002"),
		Amount:          rapid.SampledFrom([]int64{amount, amount, amount, part, 0}).Draw(t, "amount"),
		Currency:        drawWord(t, "currency", "EUR", "eur", "SEK"),
		CaptureMode:     drawWord(t, "capture mode", "", "manual", "delayed", "automatic"),
		Transactions:    rapid.SliceOfN(rapid.Custom(drawAttempt), 0, 3).Draw(t, "attempts"),
	}
	for _, f := range []string{"is-test", "has-refunds", "is-refund", "has-captures", "has-voids", "brand-new-flag"} {
		if rarely(t, f) || f == "has-captures" && rapid.IntRange(0, 2).Draw(t, "captured") == 2 {
			o.Flags = append(o.Flags, f)
		}
	}
	if rarely(t, "refunded") {
		o.RefundedAmount = drawAmount(t, "refunded amount")
	}
	if rapid.Bool().Draw(t, "detailed") {
		o.AmountDetails = &nopayn.AmountDetails{Captured: drawAmount(t, "captured")}
		if rapid.Bool().Draw(t, "something is left") {
			o.AmountDetails.Capturable = drawAmount(t, "left to capture")
		}
		if rarely(t, "details of money back") {
			o.AmountDetails.Refunded, o.AmountDetails.Voided = drawAmount(t, "given back"), drawAmount(t, "released")
		}
	}
	for _, relation := range relations() {
		if rarely(t, "related") {
			relation(o)
		}
	}
	return o
}

func relations() []change {
	return []change{refundOf, chargebackOf, reversalOf, chargedBack, reversed, refundedBy(0, "r1")}
}

func drawExpected(t *rapid.T) *payment.Expected {
	if rapid.Bool().Draw(t, "unregistered") {
		return nil
	}
	return &payment.Expected{
		MerchantOrderID: drawWord(t, "expected reference", "ORDER-001", "", "ORDER-002"),
		Amount:          rapid.SampledFrom([]int64{amount, amount, 0, amount - 1}).Draw(t, "expected amount"),
		Currency:        drawWord(t, "expected currency", "EUR", "", "SEK"),
	}
}

// Promise 6: fulfillable only when every rule of CONTRACT 3.5 holds, whatever the document.
func TestNoFalsePaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, expected := drawOrder(t), drawExpected(t)
		p := payment.Policy{
			AllowTestOrders:     rapid.Bool().Draw(t, "allow tests"),
			RequireRegistration: rarely(t, "require registration"),
		}
		r := verified(o)
		r.Expected, r.PaidTwice = expected, rarely(t, "paid twice")
		broken := brokenRules(o, expected, p, r.PaidTwice)
		if r.Fulfillable(p) && len(broken) > 0 {
			t.Fatalf("fulfillable, and yet broken: %s", strings.Join(broken, "; "))
		}
	})
}

// The second worst: a plain sale is paid, whatever else happened on the way that does not speak against it.
func TestNoPaymentUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := completed(attempts(sale("completed")))
		for range rapid.IntRange(0, 3).Draw(t, "earlier attempts") {
			attempt := sale(rapid.SampledFrom([]string{
				"error", "cancelled", "expired", "declined", "new", "pending", "accepted", "odd",
			}).Draw(t, "attempt"))
			attempt.CreditDebit = rapid.SampledFrom([]string{"credit", ""}).Draw(t, "direction")
			at := rapid.IntRange(0, len(o.Transactions)).Draw(t, "place")
			o.Transactions = slices.Insert(o.Transactions, at, attempt)
		}
		flags(rapid.SliceOf(rapid.StringMatching(`new-[a-z]{1,8}`)).Draw(t, "flags")...)(o)
		o.CaptureMode = rapid.SampledFrom([]string{"", "automatic"}).Draw(t, "capture mode")
		o.Completed = rapid.SampledFrom([]nopayn.Order{{}, {Completed: created()}}).Draw(t, "completed").Completed
		if rapid.Bool().Draw(t, "detailed") {
			amounts(nopayn.AmountDetails{Captured: amount, Refundable: amount})(o)
		}
		if got := verdict(o); got != paid {
			t.Fatalf("read as %q, want %q", got, paid)
		}
		if payment.NeedsAmountDetails(o) {
			t.Fatal("asks for the amounts of a plain sale")
		}
	})
}

// A captured reservation is paid once the amounts say so, whether or not the marks of the reservation are left.
func TestNoCaptureUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempt := closed(rapid.Bool().Draw(t, "fully captured"))
		attempt.TransactionType = rapid.SampledFrom([]string{"authorization", ""}).Draw(t, "type")
		attempt.Status = rapid.SampledFrom([]string{"completed", "captured", "accepted"}).Draw(t, "status")
		o := completed(attempts(attempt))
		if rapid.Bool().Draw(t, "flag") {
			flags("has-captures")(o)
		}
		o.CaptureMode = rapid.SampledFrom([]string{"", "manual", "delayed"}).Draw(t, "capture mode")
		if verdict(o) != paid && !payment.NeedsAmountDetails(o) {
			t.Fatalf("read as %q without asking for the amounts", verdict(o))
		}
		amounts(nopayn.AmountDetails{Captured: amount, Refundable: amount})(o)
		if got := verdict(o); got != paid {
			t.Fatalf("read as %q, want %q", got, paid)
		}
	})
}

// Whatever speaks against shipping does so in company too: no document becomes good by it.
func TestEvidenceAgainstAlwaysCounts(t *testing.T) {
	against := map[string]change{
		"has-voids": flags("has-voids"), "has-refunds": flags("has-refunds"), "is-refund": flags("is-refund"),
		"refunded": refundedBy(1), "voided": amounts(nopayn.AmountDetails{Captured: amount, Voided: 1}),
		"reserved too":   attempts(reservation("completed")),
		"still reserved": amounts(nopayn.AmountDetails{Capturable: amount}),
		"taken in part":  amounts(nopayn.AmountDetails{Captured: amount - 1}),
		"only failures": func(o *nopayn.Order) {
			o.Transactions, o.AmountDetails = []nopayn.Transaction{sale("error")}, nil
		},
		"only debits": func(o *nopayn.Order) { o.Transactions = []nopayn.Transaction{debit("completed")} },
	}
	for i, relation := range relations() {
		against["relation "+string(rune('1'+i))] = relation
	}
	for name, evidence := range against {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				o := drawOrder(t)
				o.Amount = amount
				evidence(o)
				if verified(o).Fulfillable(payment.Policy{AllowTestOrders: true}) {
					t.Fatalf("fulfillable as %s", payment.Assess(o).State)
				}
			})
		})
	}
}

// A document reads the same each time, and reading leaves it as it was.
func TestAssessIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrder(t)
		before := *o
		before.Transactions = slices.Clone(o.Transactions)
		before.Flags = slices.Clone(o.Flags)
		first := payment.Assess(o)
		payment.NeedsAmountDetails(o)
		if second := payment.Assess(o); first != second {
			t.Fatalf("read as %+v, then as %+v", first, second)
		}
		if !slices.Equal(before.Flags, o.Flags) || len(before.Transactions) != len(o.Transactions) {
			t.Fatal("reading changed the document")
		}
		for i := range before.Transactions {
			if before.Transactions[i].Status != o.Transactions[i].Status {
				t.Fatal("reading changed an attempt")
			}
		}
	})
}
