package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

type details = nopayn.AmountDetails

// openQuestion is what a document without amount details leaves open: how it is read as long as nobody says more, and
// how with the details that close the question.
type openQuestion struct {
	name    string
	order   *nopayn.Order
	without string
	needs   bool
	details details
	with    string
}

func checkQuestions(t *testing.T, cases []openQuestion) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(c.order); got != c.without {
				t.Errorf("without amounts: %q, want %q", got, c.without)
			}
			if got := payment.NeedsAmountDetails(c.order); got != c.needs {
				t.Errorf("NeedsAmountDetails = %t, want %t", got, c.needs)
			}
			amounts(c.details)(c.order)
			if got := verdict(c.order); got != c.with {
				t.Errorf("with amounts: %q, want %q", got, c.with)
			}
			if payment.NeedsAmountDetails(c.order) {
				t.Error("asks for the amounts again")
			}
		})
	}
}

// CONTRACT 2.9, 3.5 rule 7.
func TestAmountDetailsOfCaptures(t *testing.T) {
	checkQuestions(t, []openQuestion{
		{
			"sale", completed(attempts(sale("completed"))), paid, false,
			details{Captured: amount, Refundable: amount},
			paid,
		},
		{
			"sale of which only a part was taken", completed(attempts(sale("completed"))), paid, false,
			details{Captured: part},
			partCapture,
		},
		{
			"reservation that can be captured", completed(attempts(reservation("completed"))), authorized, false,
			details{Capturable: amount, Voidable: amount},
			authorized,
		},
		{
			"captured, the flag forgotten", completed(attempts(closed(false))), authorized, true,
			details{Captured: amount},
			paid,
		},
		{"reservation lost", completed(attempts(closed(false))), authorized, true, details{}, authorized},
		{
			"captured in full", completed(attempts(closed(true)), flags("has-captures")), paid, true,
			details{Captured: amount},
			paid,
		},
		{
			"captured, nobody says how much", completed(attempts(closed(false)), flags("has-captures")), partCapture, true,
			details{Captured: amount},
			paid,
		},
		{
			"captured in part, the rest released", completed(attempts(closed(false)), flags("has-captures")), partCapture,
			true,
			details{Captured: part},
			partCapture,
		},
		{
			"the flags say captured, the amounts say reserved",
			completed(attempts(closed(true)), flags("has-captures")), paid, true,
			details{Capturable: amount},
			authorized,
		},
		{
			"captured more than the amount", completed(attempts(closed(true)), flags("has-captures")), paid, true,
			details{Captured: amount + 1},
			paid,
		},
		{
			"voided", completed(attempts(closed(false)), flags("has-voids")), voided, true,
			details{Voided: amount},
			voided,
		},
		{"voided, no attempts", completed(flags("has-voids")), voided, true, details{Voided: amount}, voided},
		{
			"voided, the amounts silent", completed(attempts(closed(false)), flags("has-voids")), voided, true,
			details{},
			voided,
		},
		{
			"voided in part", completed(attempts(reservation("completed")), flags("has-voids")), voided, true,
			details{Voided: part, Capturable: amount - part},
			"authorized: authorized_only voided",
		},
		{
			"voided in part, the rest captured", completed(attempts(closed(true)), flags("has-voids", "has-captures")),
			"paid: voided", true,
			details{Voided: part, Captured: amount - part},
			"partially_captured: partially_captured voided",
		},
		{
			"made for a manual capture, the attempt a sale", completed(manualCapture, attempts(sale("completed"))),
			authorized, true,
			details{Captured: amount},
			paid,
		},
		{
			"made for a manual capture, the amounts silent", completed(manualCapture, attempts(sale("completed"))),
			authorized, true,
			details{},
			authorized,
		},
		{"no attempts", completed(), paid, true, details{Capturable: amount}, authorized},
		{
			"all attempts failed", completed(attempts(sale("error"))), unknown, true,
			details{Captured: amount},
			paid,
		},
		{
			"all attempts failed, the amounts silent", completed(attempts(sale("error"))),
			unknown, true,
			details{},
			unknown,
		},
	})
}

// CONTRACT 2.8, 3.5 rule 8; and documents whose amounts do not matter.
func TestAmountDetailsOfMoneyBack(t *testing.T) {
	checkQuestions(t, []openQuestion{
		{
			"refunded, nobody says how much", completed(attempts(sale("completed")), flags("has-refunds")),
			"partially_refunded: refunded", true,
			details{Captured: amount, Refunded: amount},
			"refunded: refunded",
		},
		{
			"refunded in part", completed(attempts(sale("completed")), refundedBy(part, "r1")),
			"partially_refunded: refunded", false,
			details{Captured: amount, Refunded: part},
			"partially_refunded: refunded",
		},
		{
			"refunded more than refunded_amount", completed(attempts(sale("completed")), refundedBy(part, "r1")),
			"partially_refunded: refunded", false,
			details{Captured: amount, Refunded: amount},
			"refunded: refunded",
		},
		{
			"captured in part, then refunded", completed(attempts(closed(false)), flags("has-captures", "has-refunds"),
				refundedBy(part)), "partially_captured: partially_captured refunded", true,
			details{Captured: part, Refunded: part},
			"refunded: refunded",
		},
		{
			"captured in part, then charged back", completed(attempts(closed(false)), flags("has-captures"), chargedBack),
			charged, true,
			details{Captured: part},
			charged,
		},
		{
			"not completed", order("processing", attempts(closed(false))), pending, false,
			details{Captured: amount},
			pending,
		},
		{
			"a refund", completed(refundOf), "reversal(refund): is_refund", false,
			details{Captured: amount},
			"reversal(refund): is_refund",
		},
	})
}

// An order of nothing is not paid by nothing, whatever else it says.
func TestNoAmountIsNoPayment(t *testing.T) {
	for _, o := range []*nopayn.Order{
		completed(attempts(sale("completed"))),
		completed(attempts(closed(false)), amounts(nopayn.AmountDetails{})),
		completed(),
	} {
		o.Amount = 0
		if got, want := verdict(o), "unknown: not_paid unknown_status"; got != want {
			t.Errorf("read as %q, want %q", got, want)
		}
	}
}

func TestRefundedAmount(t *testing.T) {
	tests := []struct {
		name           string
		order, details int64
		want           int64
	}{
		{"neither", 0, 0, 0},
		{"the order's", part, 0, part},
		{"the amount details'", 0, part, part},
		{"the larger", part, amount, amount},
		{"the larger, the other way round", amount, part, amount},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := completed(attempts(sale("completed")), refundedBy(tt.order))
			if tt.details > 0 {
				amounts(nopayn.AmountDetails{Captured: amount, Refunded: tt.details})(o)
			}
			if got := payment.Assess(o).RefundedAmount; got != tt.want {
				t.Errorf("RefundedAmount = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPaymentMethod(t *testing.T) {
	by := func(method, status string) nopayn.Transaction {
		t := sale(status)
		t.PaymentMethod = method
		return t
	}
	tests := []struct {
		name     string
		attempts []nopayn.Transaction
		want     string
	}{
		{"none", nil, ""},
		{"one", []nopayn.Transaction{by("ideal", "completed")}, "ideal"},
		{"the one that did not fail", []nopayn.Transaction{by("ideal", "completed"), by("swish", "error")}, "ideal"},
		{"the last that did not fail", []nopayn.Transaction{by("ideal", "pending"), by("swish", "completed")}, "swish"},
		{"the last, if all failed", []nopayn.Transaction{by("ideal", "error"), by("swish", "expired")}, "swish"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := payment.Assess(order("processing", attempts(tt.attempts...))).PaymentMethod; got != tt.want {
				t.Errorf("PaymentMethod = %q, want %q", got, tt.want)
			}
		})
	}
}
