package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
)

// typed is an order or a transaction as the strictest official client reads it: without one of these members, or with
// null in one, it refuses the whole answer; so does an amount beyond 32 bits (CONTRACT 2.2).
type typed struct {
	ID           *string  `json:"id"`
	Amount       *int64   `json:"amount"`
	Currency     *string  `json:"currency"`
	Status       *string  `json:"status"`
	Created      *string  `json:"created"`
	Modified     *string  `json:"modified"`
	Transactions *[]typed `json:"transactions"`
}

// check reports what that client would refuse.
func (o typed) check() error {
	if o.ID == nil || o.Amount == nil || o.Currency == nil || o.Status == nil || o.Created == nil || o.Modified == nil {
		return errors.New("one of id, amount, currency, status, created, modified is missing")
	}
	if *o.Amount > math.MaxInt32 {
		return fmt.Errorf("amount %d is beyond 32 bits", *o.Amount)
	}
	if o.Transactions == nil {
		return nil
	}
	for i, tx := range *o.Transactions {
		if err := tx.check(); err != nil {
			return fmt.Errorf("transaction %d: %w", i, err)
		}
	}
	return nil
}

func TestEveryAnswerHasWhatTypedClientsRequire(t *testing.T) {
	s := newShop(t, sandbox.Config{CaptureAnswer: sandbox.AnswerOrder})
	check := func(method, path, body string) {
		t.Helper()
		r := s.call(method, path, body)
		var o typed
		if err := json.Unmarshal([]byte(r.text), &o); err != nil || r.status/100 != 2 {
			t.Fatalf("%s %s: status %d, %v: %s", method, path, r.status, err, r.text)
		}
		if strings.Contains(r.text, `"transactions":null`) {
			t.Errorf("%s %s: transactions is null: %s", method, path, r.text)
		}
		if err := o.check(); err != nil {
			t.Errorf("%s %s: %v: %s", method, path, err, r.text)
		}
	}
	prepared := `"transactions":[{"payment_method":"credit-card"}]`
	check("POST", "/v1/orders/", minimal)
	check("POST", "/v1/orders/", with(prepared))
	for name, walk := range map[string]func(string) error{
		"new": func(string) error { return nil }, "paid": s.paid, "failed": s.g.Fail, "cancelled": s.g.Cancel,
		"expired": s.g.Expire,
	} {
		for _, fields := range []map[string]any{nil, {"transactions": []any{map[string]any{"payment_method": "credit-card"}}}} {
			id := s.order(fields)
			if err := walk(id); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			check("GET", "/v1/orders/"+id+"/", "")
		}
	}
	check("DELETE", "/v1/orders/"+s.order(nil)+"/", "")
	check("PUT", "/v1/orders/"+s.order(nil)+"/", "{}")
	for _, shape := range []sandbox.RefundAnswer{
		sandbox.AnswerRefundOrder, sandbox.AnswerFlat, sandbox.AnswerOriginalOrder,
	} {
		s.g.SetRefundAnswer(shape)
		check("POST", "/v1/orders/"+s.paidOrder(nil)+"/refunds/", `{"amount":1}`)
	}
	for _, shape := range []sandbox.CaptureAnswer{sandbox.AnswerOrder, sandbox.AnswerTransaction} {
		s.g.SetCaptureAnswer(shape)
		_, base := s.reserved(nil)
		check("POST", base+"/captures/", "")
		_, base = s.reserved(nil)
		check("POST", base+"/voids/amount/", `{"amount":1295,"description":""}`)
	}
	id := s.paidOrder(nil)
	back, err := s.g.Refund(id, 5)
	s.do(err)
	charge, err := s.g.Chargeback(id)
	s.do(err)
	for _, id := range []string{id, back, charge} {
		check("GET", "/v1/orders/"+id+"/", "")
	}
}

func TestRequestsOfTypedClientsAreTaken(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	var body bytes.Buffer
	s.do(json.NewEncoder(&body).Encode(map[string]any{
		"amount": 1495, "currency": "EUR", "locale": "it-IT", "customer": map[string]string{"email": "ada@example.com"},
		"order_lines": []any{map[string]any{
			"type": "physical", "name": "Widget", "quantity": 1, "amount": 1495, "currency": "EUR",
			"merchant_order_line_id": "line-1",
		}},
	}))
	if r := s.call("POST", "/v1/orders/", body.String()); r.status != 201 {
		t.Errorf("status %d, want 201: %s", r.status, r.text)
	}
}
