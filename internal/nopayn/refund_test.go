package nopayn_test

import (
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

// refundedOrder is the beginning of an order that was refunded.
const refundedOrder = `{"id":"` + orderID + `","status":"completed","amount":1295,"currency":"EUR",`

func TestRefundHasThreeShapes(t *testing.T) {
	const refund = "7c7f7b32-0d0f-4c1b-a6f8-1a2b3c4d5e6f"
	for _, c := range []struct {
		name, answer string
		want         nopayn.Refund
	}{
		{
			"flat", string(fixture(t, "13_refund_response_flat.json")),
			nopayn.Refund{
				ID: "ref_7c7f7b320d0f", Status: "pending", Amount: 500, Currency: "EUR", Description: "Damaged item",
				MerchantOrderID: "refund-001",
			},
		},
		{
			"the refund as an order", string(fixture(t, "12_refund_response_order_like.json")),
			nopayn.Refund{
				ID: refund, IsOrder: true, Status: "completed", Amount: 500, Currency: "EUR", Description: "Damaged item",
				MerchantOrderID: "refund-001",
			},
		},
		{
			"the refund as an order without transactions",
			`{"id":"o-2","status":"new","amount":500,"currency":"EUR","flags":["is-refund"]}`,
			nopayn.Refund{ID: "o-2", IsOrder: true, Status: "new", Amount: 500, Currency: "EUR"},
		},
		{
			"the refunded order, with a refund made before",
			refundedOrder + `"refund_orders":["o-2","o-3"],"refunded_amount":500}`,
			nopayn.Refund{Currency: "EUR"},
		},
		{
			"the refunded order, with more refunded than is named",
			refundedOrder + `"refund_orders":["o-2"],"refunded_amount":700}`,
			nopayn.Refund{Currency: "EUR"},
		},
		{
			"the refunded order, with less refunded than asked",
			refundedOrder + `"refund_orders":["o-2"],"refunded_amount":100}`,
			nopayn.Refund{Currency: "EUR"},
		},
		{
			"the refunded order, which names one refund",
			refundedOrder + `"refund_orders":[{"id":"o-2"}]}`,
			nopayn.Refund{ID: "o-2", IsOrder: true, Currency: "EUR"},
		},
		{
			"the refunded order", string(fixture(t, "11_order_completed_with_refunds.json")),
			nopayn.Refund{ID: refund, IsOrder: true, Currency: "EUR"},
		},
		{
			"the refunded order without a list",
			refundedOrder + `"flags":["has-refunds"]}`,
			nopayn.Refund{Currency: "EUR"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := fixed(t, 201, c.answer).CreateRefund(t.Context(), orderID, nopayn.NewRefund{Amount: 500})
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(string(got.Raw)) != strings.TrimSpace(c.answer) || (got.Order != nil) != (c.name != "flat") {
				t.Errorf("Raw %s, Order %v", got.Raw, got.Order)
			}
			if !got.Accepted() || got.Refused() {
				t.Error("it is not accepted")
			}
			seen := *got
			seen.Raw, seen.Order = nil, nil
			if seen.ID != c.want.ID || seen.IsOrder != c.want.IsOrder || seen.Status != c.want.Status ||
				seen.Amount != c.want.Amount || seen.Currency != c.want.Currency ||
				seen.Description != c.want.Description || seen.MerchantOrderID != c.want.MerchantOrderID {
				t.Errorf("CreateRefund = %+v, want %+v", seen, c.want)
			}
		})
	}
}

func TestARefundIsAcceptedOrRefusedOrNobodyKnows(t *testing.T) {
	type verdict struct{ accepted, refused bool }
	for status, want := range map[string]verdict{
		"pending": {accepted: true}, "processing": {accepted: true}, "new": {accepted: true},
		"completed": {accepted: true}, "": {accepted: true},
		"error": {refused: true}, "failed": {refused: true}, "cancelled": {refused: true}, "expired": {refused: true},
		"declined": {}, "fail": {}, "rejected": {}, "something-new": {}, "Completed": {}, "FAILED": {},
	} {
		r := &nopayn.Refund{Status: status}
		if got := (verdict{r.Accepted(), r.Refused()}); got != want {
			t.Errorf("a refund that is %q: %+v, want %+v", status, got, want)
		}
	}
}

// TestWhatIsNoRefund has answers that must not be taken for a refund that was made; whether it was is not known.
func TestWhatIsNoRefund(t *testing.T) {
	inNOK := strings.Replace(refundedOrder, "EUR", "NOK", 1)
	for name, body := range map[string]string{
		"an empty body":             ``,
		"no object":                 `[]`,
		"no id":                     `{"status":"completed","amount":500}`,
		"no status":                 `{"id":"ref_1","amount":500}`,
		"an amount in a string":     `{"id":"ref_1","status":"completed","amount":"500"}`,
		"a refund of another order": `{"id":"o-2","status":"completed","amount":500,"refund_of_order_id":"o-3"}`,
		"another amount":            `{"id":"ref_1","status":"completed","amount":50}`,
		"no amount of money":        `{"id":"ref_1","status":"completed","amount":0}`,
		"another currency":          `{"id":"ref_1","status":"completed","amount":500,"currency":"NOK"}`,
		"an order in another":       inNOK + `"flags":["has-refunds"]}`,
		"the order, not refunded":   `{"id":"` + orderID + `","status":"completed","amount":1295,"currency":"EUR"}`,
	} {
		got, err := fixed(t, 200, body).CreateRefund(t.Context(), orderID, nopayn.NewRefund{Amount: 500, Currency: "EUR"})
		if err == nil || nopayn.NotDone(err) {
			t.Errorf("%s: %+v, %v, want an unknown outcome", name, got, err)
		}
	}
}
