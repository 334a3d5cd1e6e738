package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// wantRefused ends the test unless the answer is a refusal in shape A about this member; an empty path is about none.
func (s *shop) wantRefused(r reply, status int, path string) {
	s.t.Helper()
	no, nested := r.object(s.t)["error"].(map[string]any)
	about, _ := no["property_path"].(string)
	described, _ := no["property_description"].(string)
	if r.status != status || !nested || about != path || path != "" && described == "" || no["value"] == "" {
		s.t.Fatalf("status %d about %q, want %d in shape A about %q: %s", r.status, about, status, path, r.text)
	}
}

// details returns amount_details of an order as JSON.
func (s *shop) details(id string) string {
	s.t.Helper()
	doc := s.call("GET", "/v1/orders/"+id+"/?fields[]=amount_details", "").object(s.t)
	return mustJSON(s.t, doc["amount_details"])
}

// paidOrder makes an order and pays it.
func (s *shop) paidOrder(more map[string]any) string {
	s.t.Helper()
	id := s.order(more)
	s.do(s.paid(id))
	return id
}

func TestRefundIsAnOrderThatCanBeReadAndListed(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	id := s.paidOrder(nil)
	receiver.next(t)
	r := s.call("POST", "/v1/orders/"+id+"/refunds/",
		`{"amount":500,"description":"Damaged item","merchant_order_id":"refund-001","extra":{"case":7}}`)
	if r.status != http.StatusCreated {
		t.Fatalf("status %d, want 201: %s", r.status, r.text)
	}
	back := r.object(t)
	for name, value := range map[string]any{
		"amount": 500.0, "currency": "EUR", "status": "completed", "description": "Damaged item",
		"merchant_order_id": "refund-001", "refund_of_order_id": id,
	} {
		if back[name] != value {
			t.Errorf("%s is %v, want %v", name, back[name], value)
		}
	}
	if flags := mustJSON(t, back["flags"]); flags != `["is-test","is-refund"]` || mustJSON(t, back["extra"]) != `{"case":7}` {
		t.Errorf("flags %s, extra %v, want is-refund and the echo", flags, back["extra"])
	}
	refundID := back["id"].(string)
	if tx := s.read(refundID)["transactions"].([]any)[0].(map[string]any); tx["credit_debit"] != "debit" {
		t.Errorf("transaction of the refund is %v, want a debit", tx)
	}
	told := map[string]bool{receiver.next(t)["order_id"]: true, receiver.next(t)["order_id"]: true}
	if !told[id] || !told[refundID] {
		t.Errorf("webhooks are about %v, want both orders", told)
	}
	list := s.call("GET", "/v1/orders/?created_since=2020-01-01T00:00:00Z&created_until=2100-01-01T00:00:00Z", "")
	if found := s.ids(list.text); len(found) != 2 || found[1] != refundID {
		t.Errorf("list has %v, want the order and its refund %s", found, refundID)
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	lines := map[string]any{"order_lines": []any{
		map[string]any{"merchant_order_line_id": "1", "name": "Widget", "quantity": 2, "amount": 600},
	}}
	paid, open := s.paidOrder(lines), s.order(nil)
	reserved := s.paidOrder(map[string]any{"capture_mode": "manual"})
	back, err := s.g.Refund(paid, 95)
	s.do(err)
	for _, c := range []struct {
		name, id, body, path string
	}{
		{"no body", paid, ``, ""},
		{"no amount", paid, `{}`, "amount"},
		{"nothing", paid, `{"amount":0}`, "amount"},
		{"amount as text", paid, `{"amount":"500"}`, "amount"},
		{"null amount", paid, `{"amount":null}`, "amount"},
		{"more than is left", paid, `{"amount":1201}`, "amount"},
		{"blank description", paid, `{"amount":1,"description":" "}`, "description"},
		{"null reference", paid, `{"amount":1,"merchant_order_id":null}`, "merchant_order_id"},
		{"null in extra", paid, `{"amount":1,"extra":{"a":null}}`, "extra.a"},
		{"extra as text", paid, `{"amount":1,"extra":"x"}`, "extra"},
		{
			"unknown line", paid, `{"amount":1,"order_lines":[{"merchant_order_line_id":"2","quantity":1}]}`,
			"order_lines[0].merchant_order_line_id",
		},
		{
			"more units than there are", paid, `{"amount":1,"order_lines":[{"merchant_order_line_id":"1","quantity":3}]}`,
			"order_lines[0].quantity",
		},
		{
			"line without a quantity", paid, `{"amount":1,"order_lines":[{"merchant_order_line_id":"1"}]}`,
			"order_lines[0].quantity",
		},
		{"order not paid", open, `{"amount":1}`, ""},
		{"money only reserved", reserved, `{"amount":1}`, ""},
		{"a refund", back, `{"amount":1}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.details(c.id)
			s.wantRefused(s.call("POST", "/v1/orders/"+c.id+"/refunds/", c.body), http.StatusBadRequest, c.path)
			if after := s.details(c.id); after != before {
				t.Errorf("amount_details went from %s to %s by a refused refund", before, after)
			}
		})
	}
	s.wantRefused(s.call("POST", "/v1/orders/unknown/refunds", `{"amount":1}`), http.StatusNotFound, "")
}

func TestRefundTakesWhatTheOfficialClientsSend(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.paidOrder(nil)
	for _, body := range []string{`{"amount":1}`, `{"amount":1,"description":null}`, `{"amount":1,"description":"x"}`} {
		if r := s.call("POST", "/v1/orders/"+id+"/refunds/", body); r.status != http.StatusCreated {
			t.Errorf("refund with %s: status %d, want 201: %s", body, r.status, r.text)
		}
	}
}

func TestRefundAnswersInThreeShapes(t *testing.T) {
	s := newShop(t, sandbox.Config{RefundAnswer: sandbox.AnswerFlat})
	id := s.paidOrder(nil)
	refund := func() map[string]any {
		return s.call("POST", "/v1/orders/"+id+"/refunds/", `{"amount":5,"merchant_order_id":"r"}`).object(t)
	}
	flat := refund()
	if flat["status"] != "completed" || flat["transactions"] != nil || flat["refund_of_order_id"] != nil {
		t.Errorf("flat refund is %v", flat)
	}
	if _, present := flat["extra"]; !present || s.read(flat["id"].(string))["amount"] != 5.0 {
		t.Errorf("flat refund %v has no extra, or its id leads nowhere", flat)
	}
	s.g.SetRefundDelay(time.Hour)
	if pending := refund(); pending["status"] != "pending" {
		t.Errorf("flat refund under way is %v, want pending", pending["status"])
	}
	s.g.SetRefundDelay(0)
	s.g.FailRefunds(1)
	if failed := refund(); failed["status"] != "failed" {
		t.Errorf("flat refund that failed is %v, want failed", failed["status"])
	}
	s.g.SetRefundAnswer(sandbox.AnswerOriginalOrder)
	if original := refund(); original["id"] != id || len(original["refund_orders"].([]any)) != 4 ||
		original["refunded_amount"] != 10.0 {
		t.Errorf("original order is %v", original)
	}
	s.g.SetRefundAnswer(sandbox.AnswerRefundOrder)
	if own := refund(); own["refund_of_order_id"] != id || own["id"] == id {
		t.Errorf("refund order is %v", own)
	}
}

func TestRefundIsUnderWayForItsDelay(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url, RefundDelay: time.Hour})
	id := s.paidOrder(nil)
	receiver.next(t)
	back := s.call("POST", "/v1/orders/"+id+"/refunds/", `{"amount":500}`).object(t)["id"].(string)
	if got := receiver.next(t)["order_id"]; got != id {
		t.Errorf("first webhook is about %s, want the refunded order: its refund was only made", got)
	}
	s.wantStatus(back, "processing")
	want := `{"capturable":0,"captured":1295,"refundable":795,"refunded":0,"voidable":0,"voided":0}`
	if got := s.details(id); got != want {
		t.Errorf("amount_details while the refund is under way: %s, want %s", got, want)
	}
	for name, err := range map[string]error{
		"pay": s.paid(back), "cancel": s.g.Cancel(back), "expire": s.g.Expire(back),
	} {
		if err == nil {
			t.Errorf("%s: a customer could touch a refund", name)
		}
	}
	clock.Advance(time.Hour)
	s.wantStatus(back, "completed")
	want = `{"capturable":0,"captured":1295,"refundable":795,"refunded":500,"voidable":0,"voided":0}`
	if got := s.details(id); got != want || s.read(id)["refunded_amount"] != 500.0 {
		t.Errorf("amount_details when the refund is completed: %s, want %s", got, want)
	}
	told := map[string]bool{receiver.next(t)["order_id"]: true, receiver.next(t)["order_id"]: true}
	if !told[id] || !told[back] {
		t.Errorf("webhooks are about %v, want both orders", told)
	}
	if s.g.CompleteRefund(back) == nil || s.g.FailRefund(back) == nil || s.g.FailRefund(id) == nil {
		t.Error("a refund ended twice, or an order that is none did")
	}
}

func TestAFailedRefundLeavesTheMoneyRefundable(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock, RefundDelay: time.Minute})
	id := s.paidOrder(nil)
	untouched := s.details(id)

	s.g.FailRefunds(1)
	byCount, err := s.g.Refund(id, 1295)
	s.do(err)
	clock.Advance(time.Minute)
	s.wantStatus(byCount, "error")

	byLever, err := s.g.Refund(id, 1295)
	s.do(err)
	s.do(s.g.FailRefund(byLever))
	clock.Advance(time.Minute) // its delay, which finds it over
	s.wantStatus(byLever, "error")

	doc := s.read(id)
	if got := s.details(id); got != untouched || mustJSON(t, doc["flags"]) != `["is-test"]` {
		t.Errorf("after failed refunds: amount_details %s, flags %v, want them as before", got, doc["flags"])
	}
	if got := mustJSON(t, doc["refund_orders"]); got != mustJSON(t, []string{byCount, byLever}) {
		t.Errorf("refund_orders %s, want both that failed", got)
	}
	good, err := s.g.Refund(id, 1295)
	s.do(err)
	s.do(s.g.CompleteRefund(good))
	s.wantStatus(good, "completed")
}
