package payment_test

import (
	"encoding/json"
	"errors"
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// made is an order of 1295 with these members beside or in the place of the usual ones.
func made(t *testing.T, members string) *nopayn.Order {
	t.Helper()
	doc := map[string]any{
		"id": "o-1", "status": "completed", "amount": 1295, "currency": "EUR",
		"transactions": []any{map[string]any{"id": "t-1", "status": "completed", "credit_debit": "credit", "amount": 1295}},
	}
	var more map[string]any
	if err := json.Unmarshal([]byte("{"+members+"}"), &more); err != nil {
		t.Fatal(err)
	}
	for name, value := range more {
		doc[name] = value
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	o, err := nopayn.ParseOrder(raw)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const (
	reserved = `"transactions":[{"id":"t-1","status":"completed","transaction_type":"authorization","is_capturable":true}]`
	released = `"transactions":[{"id":"t-1","status":"completed","transaction_type":"authorization"}]`
	nameless = `"transactions":[{"status":"completed","transaction_type":"authorization","is_capturable":true}]`
)

// fundsOf is amount_details as a member.
func fundsOf(capturable, captured, refundable, refunded, voidable, voided int64) string {
	text, err := json.Marshal(map[string]int64{
		"capturable": capturable, "captured": captured, "refundable": refundable, "refunded": refunded,
		"voidable": voidable, "voided": voided,
	})
	if err != nil {
		panic(err)
	}
	return `"amount_details":` + string(text)
}

// TestPermitEachCell has a cell for each state that an order can be in and each movement: what may be moved of it, or
// why nothing may.
func TestPermitEachCell(t *testing.T) {
	for _, c := range []struct {
		name                  string
		members               string
		refund, capture, void any // minor units, or the code of an objection
	}{
		{"new", `"status":"new"`, "not_paid", "not_reserved", "not_reserved"},
		{"processing", `"status":"processing"`, "not_paid", "not_reserved", "not_reserved"},
		{"failed", `"status":"error"`, "not_paid", "not_reserved", "not_reserved"},
		{"cancelled", `"status":"cancelled"`, "not_paid", "not_reserved", "not_reserved"},
		{"expired", `"status":"expired"`, "not_paid", "not_reserved", "not_reserved"},
		{"unknown", `"status":"dubious"`, "status_unknown", "status_unknown", "status_unknown"},
		{"paid", ``, 1295, "not_reserved", "not_reserved"},
		{"paid, with amounts", fundsOf(0, 1295, 1295, 0, 0, 0), 1295, "already_captured", "already_captured"},
		{"refunded in part", `"flags":["has-refunds"],"refunded_amount":500`, 795, "not_reserved", "not_reserved"},
		{"refunded, of how much is not said", `"flags":["has-refunds"]`, "status_unknown", "not_reserved", "not_reserved"},
		{
			"refunded in part, with amounts", `"flags":["has-refunds"],` + fundsOf(0, 1295, 795, 500, 0, 0),
			795, "already_captured", "already_captured",
		},
		{"refunded in full", `"flags":["has-refunds"],"refunded_amount":1295`, "nothing_left", "not_reserved", "not_reserved"},
		{"charged back", `"chargeback_orders":["c-1"]`, "charged_back", "not_reserved", "not_reserved"},
		{"itself a refund", `"refund_of_order_id":"o-0"`, "not_a_payment", "not_a_payment", "not_a_payment"},
		{"itself a chargeback", `"chargeback_of_order_id":"o-0"`, "not_a_payment", "not_a_payment", "not_a_payment"},
		{"reserved", reserved, "not_paid", 1295, 1295},
		{"reserved, with amounts", reserved + "," + fundsOf(1295, 0, 0, 0, 1295, 0), "not_paid", 1295, 1295},
		{"reserved, without an id", nameless, "not_paid", 1295, 1295},
		{"captured", released + `,"flags":["has-captures"],` + fundsOf(0, 1295, 1295, 0, 0, 0), 1295, "already_captured", "already_captured"},
		{"captured in part", released + `,"flags":["has-captures"],` + fundsOf(0, 1000, 1000, 0, 0, 0), 1000, "already_captured", "already_captured"},
		{"captured in part, of how much is not said", released + `,"flags":["has-captures"]`, "status_unknown", "already_captured", "already_captured"},
		{
			"captured in part, the rest still reserved", reserved + `,"flags":["has-captures"],` + fundsOf(295, 1000, 1000, 0, 0, 0),
			1000, "already_captured", "already_captured",
		},
		{"voided", released + `,"flags":["has-voids"],` + fundsOf(0, 0, 0, 0, 0, 1295), "not_paid", "already_voided", "already_voided"},
		{"voided in part", reserved + `,"flags":["has-voids"],` + fundsOf(795, 0, 0, 0, 795, 500), "not_paid", 795, "already_voided"},
		{"reservation lost", released + "," + fundsOf(0, 0, 0, 0, 0, 0), "not_paid", "not_reserved", "not_reserved"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := made(t, c.members)
			for m, want := range map[payment.Movement]any{
				payment.Refund: c.refund, payment.Capture: c.capture, payment.Void: c.void,
			} {
				left, err := payment.Permit(m, o, 0, 0)
				var objection *payment.Objection
				switch {
				case errors.As(err, &objection):
					if objection.Code != want || objection.Error() == "" {
						t.Errorf("%s: %s (%v), want %v", m, objection.Code, objection, want)
					}
				case err != nil || int(left) != want:
					t.Errorf("%s: %d, %v, want %v", m, left, err, want)
				}
			}
		})
	}
}

func TestPermitAmounts(t *testing.T) {
	paid := made(t, fundsOf(0, 1295, 1295, 0, 0, 0))
	for _, c := range []struct {
		amount, refunded, want int64
		code                   string
	}{
		{1, 0, 1, ""},
		{1295, 0, 1295, ""},
		{1296, 0, 0, "amount_too_large"},
		{0, 1000, 295, ""}, // an old copy does not show what we have refunded
		{296, 1000, 0, "amount_too_large"},
		{0, 1295, 0, "nothing_left"},
	} {
		got, err := payment.Permit(payment.Refund, paid, c.amount, c.refunded)
		var objection *payment.Objection
		if errors.As(err, &objection) != (c.code != "") || c.code != "" && objection.Code != c.code || got != c.want {
			t.Errorf("Permit(%d after %d) = %d, %v, want %d %s", c.amount, c.refunded, got, err, c.want, c.code)
		}
	}
}

func TestReservation(t *testing.T) {
	if id, err := payment.Reservation(made(t, reserved)); id != "t-1" || err != nil {
		t.Errorf("Reservation = %q, %v, want t-1", id, err)
	}
	for _, members := range []string{nameless, released, ""} {
		if id, err := payment.Reservation(made(t, members)); err == nil {
			t.Errorf("Reservation of {%s} = %q, want an objection", members, id)
		}
	}
}

// TestHappened asks of each movement whether it shows.
func TestHappened(t *testing.T) {
	paid, withRefund := made(t, ""), made(t, `"flags":["has-refunds"],"refunded_amount":500,"refund_orders":["r-1"]`)
	open := made(t, reserved)
	captured := made(t, released+`,"flags":["has-captures"]`)
	voided := made(t, released+`,"flags":["has-voids"]`)
	voidedTwice := made(t, released+`,"flags":["has-voids"],`+fundsOf(0, 0, 0, 0, 0, 1295))
	for _, c := range []struct {
		what          payment.Movement
		before, after *nopayn.Order
		amount        int64
		want          bool
	}{
		{payment.Refund, paid, paid, 500, false},
		{payment.Refund, paid, withRefund, 500, true},
		{payment.Refund, paid, withRefund, 400, false}, // somebody else's
		{payment.Refund, withRefund, withRefund, 500, false},
		{payment.Capture, open, open, 1295, false},
		{payment.Capture, open, captured, 1295, true},
		{payment.Capture, open, voided, 1295, false},
		{payment.Void, open, open, 1295, false},
		{payment.Void, open, voided, 1295, true},
		{payment.Void, voided, voidedTwice, 1295, true},
		{payment.Void, open, captured, 1295, false},
		{"other", open, captured, 1295, false},
	} {
		before, after := payment.MovedOf(c.before), payment.MovedOf(c.after)
		if got := after.Happened(c.what, before, c.amount); got != c.want {
			t.Errorf("%s of %d from %+v to %+v: happened %t, want %t", c.what, c.amount, before, after, got, c.want)
		}
	}
	made := payment.MovedOf(withRefund).NewRefunds(payment.MovedOf(paid))
	if len(made) != 1 || made[0] != "r-1" || len(payment.MovedOf(withRefund).NewRefunds(payment.MovedOf(withRefund))) != 0 {
		t.Errorf("NewRefunds = %v, want r-1, and none after it", made)
	}
}
