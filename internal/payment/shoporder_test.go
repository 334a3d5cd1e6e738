package payment_test

import (
	"math/rand/v2"
	"testing"

	"webhookd/internal/payment"
)

// tried is an order paid in full with real money, unless edited.
func tried(id string, seq int64, edits ...func(*payment.Record)) payment.Attempt {
	a := payment.Attempt{OrderID: id, PaidSeq: seq, Record: payment.Record{
		State: payment.Paid, Kind: payment.KindPayment, MerchantOrderID: "A-17", Amount: 1295, Currency: "EUR",
	}}
	for _, edit := range edits {
		edit(&a.Record)
	}
	return a
}

func inState(s payment.State) func(*payment.Record) { return func(r *payment.Record) { r.State = s } }

func playMoney(r *payment.Record) { r.Test = true }

func secondToPay(r *payment.Record) { r.PaidTwice = true }

func tooLittle(r *payment.Record) { r.Expected = &payment.Expected{Amount: 9999} }

// TestJudge gives the verdict on a shop order, in whatever order its attempts come.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name     string
		attempts []payment.Attempt
		policy   payment.Policy
		want     payment.Verdict
	}{
		{"no attempt", nil, payment.Policy{}, payment.Verdict{}},
		{
			"none paid",
			[]payment.Attempt{tried("a", 0, inState(payment.Cancelled)), tried("b", 0, inState(payment.Authorized))},
			payment.Policy{},
			payment.Verdict{},
		},
		{
			"the last attempt paid",
			[]payment.Attempt{tried("a", 0, inState(payment.Expired)), tried("b", 3)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "b", Fulfillable: true},
		},
		{
			"paid twice",
			[]payment.Attempt{tried("a", 1), tried("b", 3, secondToPay)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a", Fulfillable: true, PaidTwice: true},
		},
		{
			"paid secondToPay, and the second given back",
			[]payment.Attempt{tried("a", 1), tried("b", 3, secondToPay, inState(payment.Refunded))},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a", Fulfillable: true, PaidTwice: true},
		},
		{
			"paid secondToPay, and the first given back",
			[]payment.Attempt{tried("a", 1, inState(payment.Refunded)), tried("b", 3, secondToPay)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a", PaidTwice: true},
		},
		{
			"paid secondToPay, and the first charged back",
			[]payment.Attempt{tried("a", 1, inState(payment.ChargedBack)), tried("b", 3, secondToPay)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a", PaidTwice: true},
		},
		{
			"paid secondToPay, and the first payment taken back",
			[]payment.Attempt{tried("a", 1, inState(payment.Cancelled)), tried("b", 3, secondToPay)},
			payment.Policy{},
			payment.Verdict{PaidTwice: true},
		},
		{
			"paid, and not what was asked for",
			[]payment.Attempt{tried("a", 1, tooLittle)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a"},
		},
		{
			"play money alone",
			[]payment.Attempt{tried("a", 1, playMoney)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "a"},
		},
		{
			"play money alone, where it may ship",
			[]payment.Attempt{tried("a", 1, playMoney)},
			payment.Policy{AllowTestOrders: true},
			payment.Verdict{PaidOrderID: "a", Fulfillable: true},
		},
		{
			"play money before real money",
			[]payment.Attempt{tried("a", 1, playMoney), tried("b", 3)},
			payment.Policy{AllowTestOrders: true},
			payment.Verdict{PaidOrderID: "b", Fulfillable: true},
		},
		{
			"play money twice beside real money",
			[]payment.Attempt{tried("a", 1, playMoney), tried("b", 2, playMoney, secondToPay), tried("c", 3)},
			payment.Policy{},
			payment.Verdict{PaidOrderID: "c", Fulfillable: true},
		},
		{
			"real money that may not ship, and play money that may",
			[]payment.Attempt{tried("a", 1, inState(payment.Refunded)), tried("b", 3, playMoney)},
			payment.Policy{AllowTestOrders: true},
			payment.Verdict{PaidOrderID: "b", Fulfillable: true},
		},
		{
			"unregistered, where registration is required",
			[]payment.Attempt{tried("a", 1)},
			payment.Policy{RequireRegistration: true},
			payment.Verdict{PaidOrderID: "a"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 10 {
				if got := payment.Judge(c.attempts, c.policy); got != c.want {
					t.Fatalf("%+v, want %+v", got, c.want)
				}
				rand.Shuffle(len(c.attempts), func(i, j int) {
					c.attempts[i], c.attempts[j] = c.attempts[j], c.attempts[i]
				})
			}
		})
	}
}

// TestVerdictShipsOnlyWhatMayShip compares the verdict with the orders' own holds, for attempts of all states.
func TestVerdictShipsOnlyWhatMayShip(t *testing.T) {
	for _, first := range payment.States() {
		for _, second := range payment.States() {
			attempts := []payment.Attempt{tried("a", 1, inState(first)), tried("b", 2, inState(second), secondToPay)}
			v := payment.Judge(attempts, payment.Policy{})
			if want := first == payment.Paid; v.Fulfillable != want {
				t.Errorf("%s and then %s, held: %+v", first, second, v)
			}
			if (v.PaidOrderID == "a") != first.Took() || v.PaidOrderID == "b" {
				t.Errorf("%s and then %s, held: paid by %q", first, second, v.PaidOrderID)
			}
		}
	}
}
