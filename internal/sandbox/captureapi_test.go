package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// reserved makes an order whose money is reserved, and returns the paths of its captures and voids begin with.
func (s *shop) reserved(more map[string]any) (id, base string) {
	s.t.Helper()
	id = s.paidOrder(withMembers(map[string]any{"capture_mode": "manual", "expiration_period": "P7D"}, more))
	tx := s.read(id)["transactions"].([]any)[0].(map[string]any)["id"].(string)
	return id, "/v1/orders/" + id + "/transactions/" + tx
}

// twoLines are lines that make up the amount of 3490.
func twoLines() map[string]any {
	return map[string]any{"amount": 3490, "order_lines": []any{
		map[string]any{"merchant_order_line_id": "line-1", "name": "Widget", "quantity": 2, "amount": 1495},
		map[string]any{"merchant_order_line_id": "line-2", "name": "Shipping", "quantity": 1, "amount": 500},
	}}
}

func TestCapturesAndVoidsMoveTheMoney(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	line1 := `{"description":"First","order_line":{"merchant_order_line_id":"line-1","quantity":1}}`
	for _, c := range []struct {
		name, path, body string
		captured, voided string // amount_details; the rest is released
		flag             string
	}{
		{"full capture without a body", "/captures/", "", "3490", "0", "has-captures"},
		{"full capture with an empty object", "/captures", "{}", "3490", "0", "has-captures"},
		{"capture by amount", "/captures/amount/", `{"amount":1000,"description":"First"}`, "1000", "0", "has-captures"},
		{"capture by line", "/captures/orderlines/", line1, "1495", "0", "has-captures"},
		{"void of all", "/voids/amount/", `{"amount":3490,"description":""}`, "0", "3490", "has-voids"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, base := s.reserved(twoLines())
			r := s.call("POST", base+c.path, c.body)
			doc := r.object(t)
			if r.status != http.StatusOK || doc["id"] != id || mustJSON(t, doc["flags"]) != `["is-test","`+c.flag+`"]` {
				t.Fatalf("status %d, want 200 with the order and %s: %s", r.status, c.flag, r.text)
			}
			if now := s.call("GET", "/v1/orders/"+id, ""); now.text != r.text || now.header.Get("ETag") != r.header.Get("ETag") {
				t.Errorf("the answer is not what a read shows:\n%s\n%s", r.text, now.text)
			}
			want := `{"capturable":0,"captured":` + c.captured + `,"refundable":` + c.captured +
				`,"refunded":0,"voidable":0,"voided":` + c.voided + `}`
			if got := s.details(id); got != want {
				t.Errorf("amount_details %s, want %s", got, want)
			}
			tx := doc["transactions"].([]any)[0].(map[string]any)
			if tx["is_capturable"] != false || tx["is_fully_captured"] != (c.captured == "3490") {
				t.Errorf("transaction is_capturable %v, is_fully_captured %v", tx["is_capturable"], tx["is_fully_captured"])
			}
			s.wantRefused(s.call("POST", base+"/captures/", ""), http.StatusBadRequest, "")
			s.wantRefused(s.call("POST", base+"/voids/amount/", `{"amount":1}`), http.StatusBadRequest, "")
		})
	}
}

func TestCapturesByOrder(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for path, body := range map[string]string{
		"/captures/": "", "/captures/amount/": `{"amount":1}`,
		"/captures/orderlines/": `{"order_line":{"merchant_order_line_id":"line-2","quantity":1}}`,
	} {
		id, _ := s.reserved(twoLines())
		if r := s.call("POST", "/v1/orders/"+id+path, body); r.status != http.StatusOK || r.object(t)["id"] != id {
			t.Errorf("POST %s: status %d, want 200 with the order: %s", path, r.status, r.text)
		}
	}
}

func TestARestCanBeCapturedAfterPartsWereVoided(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id, base := s.reserved(nil)
	for _, body := range []string{`{"amount":200}`, `{"amount":95}`} {
		if r := s.call("POST", base+"/voids/amount/", body); r.status != http.StatusOK {
			t.Fatalf("void: status %d: %s", r.status, r.text)
		}
	}
	want := `{"capturable":1000,"captured":0,"refundable":0,"refunded":0,"voidable":1000,"voided":295}`
	if got := s.details(id); got != want {
		t.Fatalf("amount_details %s, want %s", got, want)
	}
	s.wantRefused(s.call("POST", base+"/captures/amount", `{"amount":1001}`), http.StatusBadRequest, "amount")
	r := s.call("POST", base+"/captures/", "{}")
	want = `{"capturable":0,"captured":1000,"refundable":1000,"refunded":0,"voidable":0,"voided":295}`
	if got := s.details(id); r.status != http.StatusOK || got != want {
		t.Errorf("status %d, amount_details %s, want 200, %s", r.status, got, want)
	}
	if flags := mustJSON(t, s.read(id)["flags"]); flags != `["is-test","has-voids","has-captures"]` {
		t.Errorf("flags %s", flags)
	}
}

func TestSeveralCapturesWhenTheGatewayAllowsThem(t *testing.T) {
	s := newShop(t, sandbox.Config{SeveralCaptures: true})
	id, base := s.reserved(nil)
	s.call("POST", base+"/captures/amount/", `{"amount":1000}`)
	if tx := s.read(id)["transactions"].([]any)[0].(map[string]any); tx["is_capturable"] != true {
		t.Error("nothing can be captured after a part was")
	}
	s.wantRefused(s.call("POST", base+"/voids/amount/", `{"amount":1}`), http.StatusBadRequest, "")
	s.call("POST", base+"/captures/", "")
	want := `{"capturable":0,"captured":1295,"refundable":1295,"refunded":0,"voidable":0,"voided":0}`
	tx := s.read(id)["transactions"].([]any)[0].(map[string]any)
	if got := s.details(id); got != want || tx["is_fully_captured"] != true || tx["is_capturable"] != false {
		t.Errorf("amount_details %s, want %s; transaction %v", got, want, tx)
	}
}

func TestCapturesAndVoidsThatAreRefused(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id, base := s.reserved(withMembers(twoLines(), map[string]any{"order_lines": append(
		twoLines()["order_lines"].([]any),
		map[string]any{"merchant_order_line_id": "less", "name": "Discount", "quantity": 1, "amount": -100},
	)}))
	line := func(id, quantity string) string {
		return `{"order_line":{"merchant_order_line_id":"` + id + `","quantity":` + quantity + `}}`
	}
	for _, c := range []struct {
		path, body, member string
	}{
		{"/captures/", `{"amount":5}`, "amount"},
		{"/captures/", `[]`, ""},
		{"/captures/amount/", ``, ""},
		{"/captures/amount/", `{}`, "amount"},
		{"/captures/amount/", `{"amount":0}`, "amount"},
		{"/captures/amount/", `{"amount":3491}`, "amount"},
		{"/captures/amount/", `{"amount":1,"description":null}`, "description"},
		{"/captures/amount/", `{"amount":1,"description":""}`, "description"},
		{"/captures/orderlines/", `{}`, "order_line"},
		{"/captures/orderlines/", line("line-3", "1"), "order_line.merchant_order_line_id"},
		{"/captures/orderlines/", line("line-1", "0"), "order_line.quantity"},
		{"/captures/orderlines/", line("line-1", "3"), "order_line.quantity"},
		{"/captures/orderlines/", line("less", "1"), "order_line.quantity"},
		{"/captures/orderlines/", `{"order_line":{"merchant_order_line_id":"line-1","quantity":1,"amount":1}}`, "order_line.amount"},
		{"/voids/amount/", `{"description":"x"}`, "amount"},
		{"/voids/amount/", `{"amount":3491}`, "amount"},
		{"/voids/amount/", `{"amount":1,"description":null}`, "description"},
		{"/voids/orderlines/", line("line-1", "3"), "order_line.quantity"},
	} {
		t.Run(c.path+c.body, func(t *testing.T) {
			s.wantRefused(s.call("POST", base+c.path, c.body), http.StatusBadRequest, c.member)
		})
	}
	want := `{"capturable":3490,"captured":0,"refundable":0,"refunded":0,"voidable":3490,"voided":0}`
	if got := s.details(id); got != want {
		t.Errorf("amount_details %s, want %s as nothing was taken", got, want)
	}
}

func TestCaptureGuards(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	sale := s.paidOrder(nil)
	saleTx := s.read(sale)["transactions"].([]any)[0].(map[string]any)["id"].(string)
	open := s.order(map[string]any{
		"capture_mode": "manual", "transactions": []any{map[string]any{"payment_method": "credit-card"}},
	})
	openTx := s.read(open)["transactions"].([]any)[0].(map[string]any)["id"].(string)
	for _, c := range []struct {
		name, path string
		status     int
	}{
		{"a sale", sale + "/transactions/" + saleTx, 400},
		{"an order not paid", open + "/transactions/" + openTx, 400},
		{"a transaction of another order", sale + "/transactions/" + openTx, 404},
		{"no transaction", sale + "/transactions/unknown", 404},
		{"no order", "unknown/transactions/" + saleTx, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.wantRefused(s.call("POST", "/v1/orders/"+c.path+"/captures/", ""), c.status, "")
			s.wantRefused(s.call("POST", "/v1/orders/"+c.path+"/voids/amount/", `{"amount":1}`), c.status, "")
		})
	}
	s.wantRefused(s.call("POST", "/v1/orders/"+sale+"/captures/", ""), 400, "")
}

func TestIfMatch(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id, base := s.reserved(nil)
	old := s.call("GET", "/v1/orders/"+id+"/", "").header.Get("ETag")
	void := func(tag string) reply {
		req, err := http.NewRequestWithContext(t.Context(), "POST", s.base+base+"/voids/amount/",
			strings.NewReader(`{"amount":1}`))
		s.do(err)
		req.SetBasicAuth(s.key, "")
		req.Header.Set("If-Match", tag)
		r, err := s.send(req)
		s.do(err)
		return r
	}
	r := void(`"other", ` + old)
	if r.status != http.StatusOK {
		t.Fatalf("void at the version read: status %d, want 200: %s", r.status, r.text)
	}
	s.wantRefused(void(old), http.StatusPreconditionFailed, "")
	s.wantRefused(void(`"1-none"`), http.StatusPreconditionFailed, "")
	if again := void(r.header.Get("ETag")); again.status != http.StatusOK {
		t.Errorf("void at the version of the last answer: status %d, want 200", again.status)
	}
	if any := void("*"); any.status != http.StatusOK {
		t.Errorf("void at any version: status %d, want 200", any.status)
	}
	if got := s.details(id); !strings.Contains(got, `"voided":3`) {
		t.Errorf("amount_details %s, want the three voids that were served", got)
	}
}

func TestCaptureAnswersInThreeShapes(t *testing.T) {
	s := newShop(t, sandbox.Config{CaptureAnswer: sandbox.AnswerTransaction})
	_, base := s.reserved(nil)
	tx := s.call("POST", base+"/captures/", "").object(t)
	if !strings.HasSuffix(base, tx["id"].(string)) || tx["is_fully_captured"] != true {
		t.Errorf("answer is %v, want the transaction", tx)
	}
	s.g.SetCaptureAnswer(sandbox.AnswerEmpty)
	_, base = s.reserved(nil)
	if r := s.call("POST", base+"/voids/amount/", `{"amount":1}`); r.status != http.StatusOK || r.text != "" {
		t.Errorf("answer is %d %q, want 200 and nothing", r.status, r.text)
	}
	s.g.SetCaptureAnswer(sandbox.AnswerOrder)
	id, base := s.reserved(nil)
	if doc := s.call("POST", base+"/captures/", "").object(t); doc["id"] != id {
		t.Errorf("answer is %v, want the order", doc)
	}
}

func TestReservedMoneyIsLostOrCapturedAtExpiry(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url})
	lost, base := s.reserved(nil)
	delayed := s.paidOrder(map[string]any{"transactions": []any{map[string]any{
		"payment_method": "credit-card", "capture_mode": "delayed", "expiration_period": "P1D",
	}}, "expiration_period": "P7D"})
	for range 2 {
		receiver.next(t)
	}
	clock.Advance(7 * 24 * time.Hour)
	told := map[string]bool{receiver.next(t)["order_id"]: true, receiver.next(t)["order_id"]: true}
	if !told[lost] || !told[delayed] {
		t.Errorf("webhooks are about %v, want both orders", told)
	}
	if got, want := s.details(lost), `{"capturable":0,"captured":0,"refundable":0,"refunded":0,"voidable":0,"voided":0}`; got != want {
		t.Errorf("amount_details of what was not captured: %s, want %s", got, want)
	}
	s.wantRefused(s.call("POST", base+"/captures/", ""), http.StatusBadRequest, "")
	if got := s.details(delayed); !strings.Contains(got, `"captured":1295`) {
		t.Errorf("amount_details of a delayed capture: %s, want it captured", got)
	}
}

func TestOrderLineDetails(t *testing.T) {
	s := newShop(t, sandbox.Config{SeveralCaptures: true})
	lines := func(id string) string {
		path := "/v1/orders/" + id + "/?fields[]=order_line_details&fields[]=amount_details"
		doc := s.call("GET", path, "").object(t)
		if doc["amount_details"] == nil {
			t.Error("amount_details are missing where both were asked for")
		}
		return mustJSON(t, doc["order_line_details"])
	}
	counts := func(captured1, refunded1, voided1, captured2, refunded2 string) string {
		return `{"line-1":{"captured":` + captured1 + `,"quantity":2,"refunded":` + refunded1 + `,"voided":` + voided1 +
			`},"line-2":{"captured":` + captured2 + `,"quantity":1,"refunded":` + refunded2 + `,"voided":0}}`
	}
	id, base := s.reserved(twoLines())
	one := `{"order_line":{"merchant_order_line_id":"line-1","quantity":1}}`
	for _, step := range []struct{ path, body, want string }{
		{base + "/voids/orderlines/", one, counts("0", "0", "1", "0", "0")},
		{base + "/captures/orderlines/", one, counts("1", "0", "1", "0", "0")},
		{base + "/captures/", "", counts("1", "0", "1", "1", "0")},
		{
			"/v1/orders/" + id + "/refunds/",
			`{"amount":500,"order_lines":[{"merchant_order_line_id":"line-2","quantity":1}]}`,
			counts("1", "0", "1", "1", "1"),
		},
		{"/v1/orders/" + id + "/refunds/", `{"amount":1495}`, counts("1", "1", "1", "1", "1")},
	} {
		if r := s.call("POST", step.path, step.body); r.status/100 != 2 {
			t.Fatalf("POST %s: status %d: %s", step.path, r.status, r.text)
		}
		if got := lines(id); got != step.want {
			t.Errorf("after POST %s: order_line_details %s, want %s", step.path, got, step.want)
		}
	}
	if got, want := lines(s.paidOrder(twoLines())), counts("2", "0", "0", "1", "0"); got != want {
		t.Errorf("order_line_details of a sale: %s, want %s", got, want)
	}
	if got := mustJSON(t, s.read(id)["order_line_details"]); got != "null" {
		t.Errorf("a plain GET shows order_line_details %s", got)
	}
}
