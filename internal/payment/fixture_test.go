package payment_test

import (
	"testing"
	"time"

	"webhookd/internal/payment"
)

// fixtureCase says how a file reads: under the default policy, and where test orders may ship.
type fixtureCase struct {
	file, want, withTests, expires string
	test, needsAmounts             bool // needsAmounts: were its amount details left out
}

// Every order of the contract's fixtures, under both policies on test orders.
func TestOrderFixtures(t *testing.T) {
	const half = "2026-03-02T09:45:04.101200Z" // half an hour after the order, and 19 ms more after its attempt
	const halfAttempt = "2026-03-02T09:45:04.120331Z"
	const week = "2026-03-09T09:15:04.101200Z"
	for _, c := range []fixtureCase{
		{
			file: "01_order_new_hpp.json", test: true, expires: half,
			want: "pending: not_paid test_order", withTests: "pending: not_paid",
		},
		{
			file: "02_order_new_with_transaction.json", test: true, expires: halfAttempt,
			want: "pending: not_paid test_order", withTests: "pending: not_paid",
		},
		{
			file: "03_order_processing.json", test: true, expires: halfAttempt,
			want: "pending: not_paid test_order", withTests: "pending: not_paid",
		},
		{
			file: "04_order_completed.json", test: true, expires: halfAttempt,
			want: "paid: test_order", withTests: "paid: fulfillable",
		},
		{
			file: "05_order_completed_authorization_only.json", test: true, expires: week,
			want: "authorized: authorized_only test_order", withTests: "authorized: authorized_only",
		},
		{
			file: "06_order_completed_captured.json", test: true, expires: week, needsAmounts: true,
			want: "paid: test_order", withTests: "paid: fulfillable",
		},
		{
			file: "07_order_completed_voided.json", test: true, expires: week, needsAmounts: true,
			want: "voided: voided test_order", withTests: "voided: voided",
		},
		{
			file: "08_order_cancelled.json", test: true, expires: halfAttempt,
			want: "cancelled: not_paid test_order", withTests: "cancelled: not_paid",
		},
		{
			file: "09_order_expired_no_transactions.json", test: true, expires: half,
			want: "expired: not_paid test_order", withTests: "expired: not_paid",
		},
		{
			file: "10_order_error_with_reason.json", test: true, expires: halfAttempt,
			want: "failed: not_paid test_order", withTests: "failed: not_paid",
		},
		{
			file: "11_order_completed_with_refunds.json", test: true, expires: halfAttempt,
			want: "partially_refunded: refunded test_order", withTests: "partially_refunded: refunded",
		},
		{
			file: "12_refund_response_order_like.json", test: true, expires: halfAttempt,
			want: "reversal(refund): is_refund test_order", withTests: "reversal(refund): is_refund",
		},
		{
			file: "13_refund_response_flat.json",
			want: "unknown: not_paid unknown_status", withTests: "unknown: not_paid unknown_status",
		},
		{
			file: "14_order_unknown_status.json", test: true, expires: halfAttempt,
			want: "unknown: not_paid test_order unknown_status", withTests: "unknown: not_paid unknown_status",
		},
		{
			file: "15_order_unknown_extra_fields.json", test: true, expires: halfAttempt,
			want: "paid: test_order", withTests: "paid: fulfillable",
		},
		{
			file: "16_order_multi_transaction_retry.json", test: true, expires: "2026-03-02T09:46:00Z",
			want: "paid: test_order", withTests: "paid: fulfillable",
		},
		{
			file: "17_order_processing_bank_transfer.json", test: true, expires: "2026-04-01T09:15:04.120331Z",
			want: "pending: not_paid test_order", withTests: "pending: not_paid",
		},
		{
			file: "18_order_completed_charged_back.json", test: true, expires: halfAttempt,
			want: "charged_back: charged_back test_order", withTests: "charged_back: charged_back",
		},
	} {
		t.Run(c.file, func(t *testing.T) { c.check(t) })
	}
}

func (c fixtureCase) check(t *testing.T) {
	o := fixture(t, c.file)
	a, r := payment.Assess(o), verified(o)
	if got := verdictOn(r, payment.Policy{}); got != c.want {
		t.Errorf("read as %q, want %q", got, c.want)
	}
	if got := verdictOn(r, payment.Policy{AllowTestOrders: true}); got != c.withTests {
		t.Errorf("with test orders allowed, read as %q, want %q", got, c.withTests)
	}
	if a.Test != c.test {
		t.Errorf("Test = %t, want %t", a.Test, c.test)
	}
	if want := moment(t, c.expires); !a.ExpiresAt.Equal(want) {
		t.Errorf("ExpiresAt = %v, want %v", a.ExpiresAt, want)
	}
	if payment.NeedsAmountDetails(o) && o.AmountDetails != nil {
		t.Error("asks again for the amounts that it has")
	}
	o.AmountDetails = nil
	if got := payment.NeedsAmountDetails(o); got != c.needsAmounts {
		t.Errorf("without amounts, NeedsAmountDetails = %t, want %t", got, c.needsAmounts)
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
