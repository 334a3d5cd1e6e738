package payment_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"webhookd/internal/payment"
)

// declared is the order of DESIGN 4, in which holds are listed.
func declared() []payment.Hold {
	return []payment.Hold{
		"unverified", "not_paid", "authorized_only", "partially_captured", "amount_mismatch", "currency_mismatch",
		"reference_mismatch", "unregistered", "is_refund", "refunded", "charged_back", "voided", "test_order",
		"paid_twice", "unknown_status",
	}
}

func TestHoldsOfEachState(t *testing.T) {
	want := map[payment.State]string{
		payment.Unverified: "unverified", payment.NotFound: "unverified", payment.Pending: "not_paid",
		payment.Failed: "not_paid", payment.Cancelled: "not_paid", payment.Expired: "not_paid",
		payment.Unknown: "not_paid unknown_status", payment.Authorized: "authorized_only",
		payment.PartiallyCaptured: "partially_captured", payment.Paid: "", payment.Reversal: "is_refund",
		payment.PartiallyRefunded: "refunded", payment.Refunded: "refunded", payment.ChargedBack: "charged_back",
		payment.Voided: "voided", "": "not_paid", "a state of a later release": "not_paid",
	}
	for _, s := range states() {
		if _, ok := want[s]; !ok {
			t.Errorf("state %s is not in the table", s)
		}
	}
	for s, holds := range want {
		r := payment.Record{State: s, Kind: payment.KindPayment}
		if got := join(r.Holds(payment.Policy{})); got != holds {
			t.Errorf("state %q has holds %q, want %q", s, got, holds)
		}
		if got := r.Fulfillable(payment.Policy{}); got != (s == payment.Paid) {
			t.Errorf("state %q is fulfillable: %t", s, got)
		}
	}
}

// Every reason is listed, not only the first.
func TestHoldsListsAll(t *testing.T) {
	r := payment.Record{
		State: payment.Paid, Kind: payment.KindRefund, MerchantOrderID: "2", Amount: 2, Currency: "SEK",
		RefundedAmount: 1, Voided: true, Test: true, PaidTwice: true,
		Expected: &payment.Expected{MerchantOrderID: "1", Amount: 1, Currency: "EUR"},
	}
	want := []payment.Hold{
		"amount_mismatch", "currency_mismatch", "reference_mismatch", "is_refund", "refunded", "voided", "test_order",
		"paid_twice",
	}
	if diff := cmp.Diff(want, r.Holds(payment.Policy{RequireRegistration: true})); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	r.Expected = nil
	want = []payment.Hold{"unregistered", "is_refund", "refunded", "voided", "paid_twice"}
	got := r.Holds(payment.Policy{RequireRegistration: true, AllowTestOrders: true})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("holds of an order never registered (-want +got):\n%s", diff)
	}
}

// An order that the shop registered and the gateway has not confirmed differs from nothing yet.
func TestMismatches(t *testing.T) {
	expected := &payment.Expected{MerchantOrderID: "1", Amount: 1, Currency: "EUR"}
	for _, s := range states() {
		r := payment.Record{State: s, Kind: payment.KindPayment, Expected: expected}
		want := 3
		if s == payment.Unverified || s == payment.NotFound {
			want = 0
		}
		if got := r.Mismatches(); len(got) != want {
			t.Errorf("state %s: mismatches %v, want %d", s, got, want)
		}
		r.Expected = nil
		if got := r.Mismatches(); got != nil {
			t.Errorf("state %s, never registered: mismatches %v, want none", s, got)
		}
	}
}

// Whatever the record: holds come in the declared order and once each, only Paid has none, and fulfillable is paid
// with none.
func TestHoldsProperties(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "1", "EUR", "eur", "SEK"})
	kind := rapid.SampledFrom([]payment.Kind{"payment", "refund", "chargeback", "reversal", ""})
	number := rapid.SampledFrom([]int64{0, 1, amount})
	rapid.Check(t, func(t *rapid.T) {
		r := payment.Record{
			State:           rapid.SampledFrom(append(states(), "", "x")).Draw(t, "state"),
			Kind:            kind.Draw(t, "kind"),
			MerchantOrderID: text.Draw(t, "reference"), Currency: text.Draw(t, "currency"),
			Amount: number.Draw(t, "amount"), RefundedAmount: number.Draw(t, "refunded"),
			Voided: rapid.Bool().Draw(t, "voided"), Test: rapid.Bool().Draw(t, "test"),
			PaidTwice: rapid.Bool().Draw(t, "paid twice"),
		}
		if rapid.Bool().Draw(t, "registered") {
			r.Expected = &payment.Expected{
				MerchantOrderID: text.Draw(t, "expected reference"), Currency: text.Draw(t, "expected currency"),
				Amount: number.Draw(t, "expected amount"),
			}
		}
		p := payment.Policy{
			AllowTestOrders: rapid.Bool().Draw(t, "allow"), RequireRegistration: rapid.Bool().Draw(t, "require"),
		}
		holds, last := r.Holds(p), -1
		for _, h := range holds {
			at := slices.Index(declared(), h)
			if at <= last {
				t.Fatalf("holds %v are not in the declared order, each once", holds)
			}
			last = at
		}
		if r.State != payment.Paid && len(holds) == 0 {
			t.Fatalf("state %q has no hold", r.State)
		}
		if got, want := r.Fulfillable(p), r.State == payment.Paid && len(holds) == 0; got != want {
			t.Fatalf("Fulfillable = %t with state %s and holds %v", got, r.State, holds)
		}
		for _, m := range r.Mismatches() {
			if !slices.Contains(holds, m) {
				t.Fatalf("mismatch %s is no hold of %v", m, holds)
			}
		}
	})
}

func TestAllHolds(t *testing.T) {
	if diff := cmp.Diff(declared(), payment.AllHolds()); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
}
