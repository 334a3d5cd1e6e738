package payment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

const (
	amount   = 1295 // of every order made here, unless it is changed
	part     = 500
	flagTest = "is-test"
)

// created is when every order made here began.
func created() time.Time { return time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC) }

type change func(*nopayn.Order)

// order is an order document, changed as the case has it.
func order(status nopayn.Status, changes ...change) *nopayn.Order {
	o := &nopayn.Order{
		ID: "43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01", MerchantOrderID: "ORDER-001", Status: status,
		Amount: amount, Currency: "EUR", Created: created(), Modified: created(), ExpirationPeriod: "PT30M",
	}
	for _, c := range changes {
		c(o)
	}
	return o
}

// completed is an order in the status in which the doubts begin.
func completed(changes ...change) *nopayn.Order { return order(nopayn.StatusCompleted, changes...) }

func attempts(all ...nopayn.Transaction) change {
	return func(o *nopayn.Order) { o.Transactions = append(o.Transactions, all...) }
}

func flags(all ...string) change {
	return func(o *nopayn.Order) { o.Flags = append(o.Flags, all...) }
}

func amounts(d nopayn.AmountDetails) change {
	return func(o *nopayn.Order) { o.AmountDetails = &d }
}

func refundedBy(amount int64, ids ...string) change {
	return func(o *nopayn.Order) { o.RefundedAmount, o.RefundOrders = amount, ids }
}

func chargedBack(o *nopayn.Order)    { o.ChargebackOrders = []string{"e0f1a2b3"} }
func reversed(o *nopayn.Order)       { o.ReversalOrders = []string{"e0f1a2b4"} }
func refundOf(o *nopayn.Order)       { o.RefundOfOrderID = "43c0a7de" }
func chargebackOf(o *nopayn.Order)   { o.ChargebackOfOrderID = "43c0a7de" }
func reversalOf(o *nopayn.Order)     { o.ReversalOfOrderID = "43c0a7de" }
func manualCapture(o *nopayn.Order)  { o.CaptureMode = "manual" }
func delayedCapture(o *nopayn.Order) { o.CaptureMode = "delayed" }

// sale is an attempt that takes the money at once.
func sale(status string) nopayn.Transaction {
	return nopayn.Transaction{
		Status: status, CreditDebit: "credit", Amount: amount, Currency: "EUR", PaymentMethod: "credit-card",
	}
}

// reservation is an attempt that reserves money, all of it open to capture.
func reservation(status string) nopayn.Transaction {
	t := sale(status)
	t.TransactionType, t.IsCapturable = "authorization", true
	return t
}

// closed is a reservation of which nothing can be captured any more, be it taken, released or lost.
func closed(fully bool) nopayn.Transaction {
	t := reservation("completed")
	t.IsCapturable, t.IsFullyCaptured = false, fully
	return t
}

// capturedByStatus is a reservation of which nothing but the attempt's status says that it was taken.
func capturedByStatus() nopayn.Transaction {
	t := closed(false)
	t.Status = "captured"
	return t
}

func debit(status string) nopayn.Transaction {
	t := sale(status)
	t.CreditDebit = "debit"
	return t
}

// verified is the record of an order of which only the gateway spoke.
func verified(o *nopayn.Order) payment.Record {
	a := payment.Assess(o)
	return payment.Record{
		State: a.State, Kind: a.Kind, MerchantOrderID: o.MerchantOrderID, Amount: o.Amount, Currency: o.Currency,
		RefundedAmount: a.RefundedAmount, Voided: a.Voided, Test: a.Test,
	}
}

// verdict reads o under the default policy: "state: fulfillable" or "state: hold hold", with the kind for those that
// are no payment.
func verdict(o *nopayn.Order) string {
	return verdictOn(verified(o), payment.Policy{})
}

func verdictOn(r payment.Record, p payment.Policy) string {
	state := string(r.State)
	if r.Kind != payment.KindPayment {
		state += "(" + string(r.Kind) + ")"
	}
	if r.Fulfillable(p) {
		return state + ": fulfillable"
	}
	return state + ": " + join(r.Holds(p))
}

func join(holds []payment.Hold) string {
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = string(h)
	}
	return strings.Join(words, " ")
}

// The verdicts that are met most.
const (
	pending     = "pending: not_paid"
	failed      = "failed: not_paid"
	cancelled   = "cancelled: not_paid"
	expired     = "expired: not_paid"
	paid        = "paid: fulfillable"
	authorized  = "authorized: authorized_only"
	partCapture = "partially_captured: partially_captured"
	voided      = "voided: voided"
	charged     = "charged_back: charged_back"
	unknown     = "unknown: not_paid unknown_status"
)

// reading is a document and its verdict.
type reading struct {
	name  string
	order *nopayn.Order
	want  string // as verdict gives it
}

func checkReadings(t *testing.T, cases []reading) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(c.order); got != c.want {
				t.Errorf("read as %q, want %q", got, c.want)
			}
		})
	}
}

func fixture(t *testing.T, name string) *nopayn.Order {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "nopayn", "testdata", "fixtures", name))
	if err != nil {
		t.Fatal(err)
	}
	o, err := nopayn.ParseOrder(raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return o
}
