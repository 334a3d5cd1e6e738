package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

const linkBody = `{"merchant_order_id":"invoice-1234","amount":995,"currency":"EUR","description":"Invoice 1234",
	"return_url":"https://shop.example.com/success","payment_methods":["credit-card"]}`

// link makes a payment link and returns its id.
func (s *shop) link(body string) string {
	s.t.Helper()
	r := s.call("POST", "/v1/paymentlinks/", body)
	if r.status != http.StatusCreated {
		s.t.Fatalf("create link: status %d, want 201: %s", r.status, r.text)
	}
	return r.object(s.t)["id"].(string)
}

// linkNow returns a link as the API shows it.
func (s *shop) linkNow(id string) map[string]any {
	s.t.Helper()
	r := s.call("GET", "/v1/paymentlinks/"+id+"/", "")
	if r.status != http.StatusOK {
		s.t.Fatalf("get link: status %d, want 200: %s", r.status, r.text)
	}
	return r.object(s.t)
}

// visit opens the page of a link as a customer does, and returns the order he is sent to.
func (s *shop) visit(id string) string {
	s.t.Helper()
	r := s.call("GET", "/paymentlinks/"+id+"/", "")
	to := r.header.Get("Location")
	if r.status != http.StatusSeeOther || !strings.HasPrefix(to, "/pay/") {
		s.t.Fatalf("visit: status %d to %q, want 303 to a payment page: %s", r.status, to, r.text)
	}
	if page := s.call("GET", to, ""); page.status != http.StatusOK {
		s.t.Fatalf("payment page of the attempt: status %d, want 200", page.status)
	}
	return strings.Split(to, "/")[2]
}

func TestPaymentLinkFromNewToCompleted(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	made := s.call("POST", "/v1/paymentlinks", linkBody).object(t)
	id := made["id"].(string)
	for name, value := range map[string]any{
		"status": "new", "merchant_order_id": "invoice-1234", "amount": 995.0, "currency": "EUR",
		"description": "Invoice 1234", "expiration_period": "P30D", "payment_url": s.base + "/paymentlinks/" + id + "/",
		"created": "2026-03-02T09:00:00.000000Z", "reason": "Not visited yet",
	} {
		if made[name] != value {
			t.Errorf("%s is %v, want %v", name, made[name], value)
		}
	}
	if got := mustJSON(t, made["orders"]); got != "{}" || made["completed"] != nil {
		t.Errorf("orders %s, completed %v, want none", got, made["completed"])
	}

	first := s.visit(id)
	if again := s.visit(id); again != first {
		t.Errorf("a second visit made order %s, want %s that nobody tried", again, first)
	}
	order := s.read(first)
	if order["related_payment_link_id"] != id || order["amount"] != 995.0 || order["expiration_period"] != "PT30M" ||
		order["return_url"] != "https://shop.example.com/success" || order["merchant_order_id"] != "invoice-1234" {
		t.Errorf("order of the link is %v", order)
	}
	if now := s.linkNow(id); now["status"] != "processing" || mustJSON(t, now["orders"]) != `{"new":["`+first+`"]}` {
		t.Errorf("visited link is %v", now)
	}
	s.do(s.g.Fail(first))
	second := s.visit(id)
	if second == first {
		t.Error("a visit after a failure made no new order")
	}
	clock.Advance(time.Minute)
	s.do(s.paid(second))
	now := s.linkNow(id)
	if now["status"] != "completed" || now["completed_order_id"] != second ||
		mustJSON(t, now["orders"]) != `{"completed":["`+second+`"],"error":["`+first+`"]}` {
		t.Errorf("paid link is %v", now)
	}
	text, err := os.ReadFile(filepath.Join(fixtures, "19_payment_link_completed.json"))
	s.do(err)
	var want map[string]any
	s.do(json.Unmarshal(text, &want))
	for _, difference := range shapeDiff("", now, want) {
		t.Error(difference)
	}
	if r := s.call("GET", "/paymentlinks/"+id, ""); r.status != http.StatusGone || !strings.Contains(r.text, "is paid") {
		t.Errorf("page of a paid link: status %d, want 410 and a word about it: %s", r.status, r.text)
	}
}

func TestPaymentLinkHas25Attempts(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.link(linkBody)
	seen := make(map[string]bool)
	for range 25 {
		order := s.visit(id)
		seen[order] = true
		s.do(s.g.Fail(order))
	}
	if now := s.linkNow(id); now["status"] != "all_unsuccessful" || len(seen) != 25 {
		t.Errorf("status %v after %d orders, want all_unsuccessful after 25", now["status"], len(seen))
	}
	if r := s.call("GET", "/paymentlinks/"+id+"/", ""); r.status != http.StatusGone {
		t.Errorf("26th attempt: status %d, want 410", r.status)
	}
}

func TestPaymentLinkExpires(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	usual := s.link(linkBody)
	short := s.link(with(`"merchant_order_id":"i","expiration_period":"PT1H"`))
	tried := s.visit(short)
	clock.Advance(time.Hour)
	s.wantStatus(tried, "expired")
	if a, b := s.linkNow(short)["status"], s.linkNow(usual)["status"]; a != "expired" || b != "new" {
		t.Errorf("after an hour: %v and %v, want expired and new", a, b)
	}
	clock.Advance(30*24*time.Hour - time.Hour)
	now := s.linkNow(usual)
	if now["status"] != "expired" || now["modified"] != "2026-04-01T09:00:00.000000Z" {
		t.Errorf("after 30 days: %v", now)
	}
	if r := s.call("GET", "/paymentlinks/"+usual+"/", ""); r.status != http.StatusGone ||
		!strings.Contains(r.text, "expired") {
		t.Errorf("page of an expired link: status %d, want 410 and a word about it", r.status)
	}
}

func TestPaymentLinksThatAreRefused(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for body, path := range map[string]string{
		minimal: "merchant_order_id", with(`"merchant_order_id":" "`): "merchant_order_id",
		`{"merchant_order_id":"i","currency":"EUR"}`:                   "amount",
		`{"merchant_order_id":"i","amount":1}`:                         "currency",
		with(`"merchant_order_id":"i","expiration_period":"30 days"`):  "expiration_period",
		with(`"merchant_order_id":"i","customer":{"first_name":null}`): "customer.first_name",
		with(`"merchant_order_id":"i","return_url":"javascript:0"`):    "return_url",
	} {
		s.wantRefused(s.call("POST", "/v1/paymentlinks/", body), http.StatusBadRequest, path)
	}
	s.wantRefused(s.call("GET", "/v1/paymentlinks/unknown/", ""), http.StatusNotFound, "")
	if r := s.call("GET", "/paymentlinks/unknown/", ""); r.status != http.StatusNotFound {
		t.Errorf("page of no link: status %d, want 404", r.status)
	}
}
