package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
)

// ids returns the ids of a JSON array of orders.
func (s *shop) ids(list string) []string {
	s.t.Helper()
	var orders []struct{ ID string }
	if err := json.Unmarshal([]byte(list), &orders); err != nil {
		s.t.Fatalf("no JSON array of orders: %v: %s", err, list)
	}
	var ids []string
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}

func TestUpdateTakesAnOrderAsItWasRead(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	id := s.paidOrder(map[string]any{"merchant_order_id": "cart-1", "extra": map[string]any{"id": "kept"}})
	receiver.next(t)
	doc := s.read(id)
	strip(doc)
	for _, tx := range doc["transactions"].([]any) {
		strip(tx.(map[string]any))
	}
	doc["merchant_order_id"] = "ORDER-9"
	doc["webhook_url"] = receiver.url + "/own"
	r := s.call("PUT", "/v1/orders/"+id+"/", mustJSON(t, doc))
	after := r.object(t)
	if r.status != http.StatusOK || after["merchant_order_id"] != "ORDER-9" || after["status"] != "completed" ||
		len(after["transactions"].([]any)) != 1 || mustJSON(t, after["extra"]) != `{"id":"kept"}` {
		t.Fatalf("status %d, want 200 and the new reference: %s", r.status, r.text)
	}
	if now := s.call("GET", "/v1/orders/"+id, ""); now.text != r.text {
		t.Errorf("a read shows\n%s\nwant the answer of the update\n%s", now.text, r.text)
	}
	if sent := len(s.g.Deliveries(id)); sent != 1 {
		t.Errorf("%d webhooks, want only that of the payment", sent)
	}
	s.do(second(s.g.Refund(id, 5)))
	log := s.settled(id, 2)
	if log[1].URL != receiver.url+"/own" {
		t.Errorf("webhook went to %s, want the new webhook_url", log[1].URL)
	}
}

// strip takes away what an update must not have.
func strip(doc map[string]any) {
	for _, name := range readOnly {
		delete(doc, name)
	}
}

var readOnly = []string{
	"id", "order_id", "project_id", "created", "modified", "completed", "status", "flags", "events", "is_capturable",
}

func TestUpdatesThatAreRefused(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"merchant_order_id": "cart-1"})
	before := s.call("GET", "/v1/orders/"+id+"/", "").text
	cases := map[string]string{
		`{"transactions":[{"payment_method":"credit-card"},{"status":"completed"}]}`: "transactions[1].status",
		`{"order_lines":[{"id":"x"}]}`:     "order_lines[0].id",
		`{"amount":1}`:                     "amount",
		`{"amount":"1295"}`:                "amount",
		`{"currency":"GBP"}`:               "currency",
		`{"merchant_order_id":" "}`:        "merchant_order_id",
		`{"description":null}`:             "description",
		`{"extra":{"basket":null}}`:        "extra.basket",
		`{"return_url":"/relative"}`:       "return_url",
		`{"customer":{"country":"Italy"}}`: "customer.country",
	}
	for _, name := range readOnly {
		cases[`{"merchant_order_id":"x","`+name+`":null}`] = name
	}
	for body, path := range cases {
		s.wantRefused(s.call("PUT", "/v1/orders/"+id+"/", body), http.StatusBadRequest, path)
	}
	s.wantRefused(s.call("PUT", "/v1/orders/"+id+"/", "[]"), http.StatusBadRequest, "")
	s.wantRefused(s.call("PUT", "/v1/orders/unknown/", "{}"), http.StatusNotFound, "")
	if after := s.call("GET", "/v1/orders/"+id+"/", "").text; after != before {
		t.Errorf("refused updates changed the order from\n%s\nto\n%s", before, after)
	}
}

func TestDeleteCancelsAnOrderThatIsNotCompleted(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	for name, walk := range map[string]func(string) error{
		"new": func(string) error { return nil }, "error": s.g.Fail,
		"processing": func(id string) error { return s.g.SetStatus(id, "processing") },
	} {
		id := s.order(map[string]any{"transactions": []any{map[string]any{"payment_method": "credit-card"}}})
		s.do(walk(id))
		s.settled(id, len(s.g.Deliveries(id)))
		told := len(s.g.Deliveries(id))
		r := s.call("DELETE", "/v1/orders/"+id+"/", "")
		doc := r.object(t)
		tx := doc["transactions"].([]any)[0].(map[string]any)
		if r.status != http.StatusOK || doc["status"] != "cancelled" || tx["payment_url"] != nil {
			t.Errorf("%s: status %d, want 200 and a cancelled order: %s", name, r.status, r.text)
		}
		if got := len(s.g.Deliveries(id)); got != told+1 {
			t.Errorf("%s: %d webhooks for the cancellation, want 1", name, got-told)
		}
		s.wantRefused(s.call("DELETE", "/v1/orders/"+id, ""), http.StatusBadRequest, "")
	}
	paid := s.paidOrder(nil)
	s.wantRefused(s.call("DELETE", "/v1/orders/"+paid+"/", ""), http.StatusBadRequest, "")
	s.wantStatus(paid, "completed")
	s.wantRefused(s.call("DELETE", "/v1/orders/unknown/", ""), http.StatusNotFound, "")
}

func TestSearch(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	one := s.order(map[string]any{"merchant_order_id": "A", "description": "Premium widget"})
	two := s.paidOrder(map[string]any{"merchant_order_id": "A", "amount": 500})
	three := s.order(map[string]any{"merchant_order_id": "B", "currency": "GBP"})
	for body, want := range map[string][]string{
		`{}`:                               {one, two, three},
		``:                                 {one, two, three},
		`{"unheard":[1]}`:                  {one, two, three},
		`{"merchant_order_id":"A"}`:        {one, two},
		`{"status":"completed"}`:           {two},
		`{"amount":1295}`:                  {one, three},
		`{"currency":"GBP","amount":1295}`: {three},
		`{"merchant_order_id":"B","currency":"EUR"}`: nil,
	} {
		r := s.call("POST", "/v1/search/orders", body)
		var found struct {
			Hits   int
			Orders json.RawMessage
		}
		s.do(json.Unmarshal([]byte(r.text), &found))
		got := s.ids(string(found.Orders))
		if r.status != http.StatusOK || found.Hits != len(want) || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("search %s: status %d, %d hits, %v, want %v", body, r.status, found.Hits, got, want)
		}
	}
	thin := s.call("POST", "/v1/search/orders/", `{"merchant_order_id":"A","status":"new"}`).object(t)
	first := thin["orders"].([]any)[0].(map[string]any)
	if first["amount"] != 1295.0 || first["description"] != "Premium widget" || first["order_url"] != nil {
		t.Errorf("thin order is %v", first)
	}
	s.wantRefused(s.call("POST", "/v1/search/orders/", `{"amount":"1295"}`), http.StatusBadRequest, "amount")
	s.wantRefused(s.call("POST", "/v1/search/orders/", `[]`), http.StatusBadRequest, "")
}

func TestProjectAndItsCurrencies(t *testing.T) {
	s := newShop(t, sandbox.Config{ProjectID: "project-1", MerchantID: "merchant-1"})
	if got := s.call("GET", "/v1/merchants/self/projects/self", "").object(t); got["id"] != "project-1" ||
		got["merchant_id"] != "merchant-1" || got["status"] != "active-testing" {
		t.Errorf("project is %v", got)
	}
	var answer struct {
		Methods map[string]struct{ Currencies []string } `json:"payment_methods"`
	}
	s.do(json.Unmarshal([]byte(s.call("GET", "/v1/merchants/self/projects/self/currencies/", "").text), &answer))
	for method, currencies := range map[string][]string{
		"credit-card": {"EUR", "GBP", "USD", "NOK", "SEK", "DKK"}, "apple-pay": {"EUR", "GBP"},
		"google-pay": {"EUR", "GBP"}, "vipps-mobilepay": {"NOK", "DKK", "EUR"},
	} {
		has := make(map[string]bool)
		for _, c := range answer.Methods[method].Currencies {
			has[c] = true
		}
		for _, c := range currencies {
			if !has[c] {
				t.Errorf("%s lacks %s", method, c)
			}
		}
	}
}

func TestEveryOperationIsCountedAndCanBeBroken(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	calls := map[sandbox.Operation]struct{ method, path string }{
		sandbox.OpCreate:     {"POST", "/v1/orders/"},
		sandbox.OpGet:        {"GET", "/v1/orders/" + id},
		sandbox.OpList:       {"GET", "/v1/orders/"},
		sandbox.OpSearch:     {"POST", "/v1/search/orders/"},
		sandbox.OpUpdate:     {"PUT", "/v1/orders/" + id},
		sandbox.OpCancel:     {"DELETE", "/v1/orders/" + id},
		sandbox.OpRefund:     {"POST", "/v1/orders/" + id + "/refunds"},
		sandbox.OpCapture:    {"POST", "/v1/orders/" + id + "/transactions/x/captures/"},
		sandbox.OpVoid:       {"POST", "/v1/orders/" + id + "/transactions/x/voids/orderlines"},
		sandbox.OpTokens:     {"POST", "/v1/tokens"},
		sandbox.OpCreateLink: {"POST", "/v1/paymentlinks"},
		sandbox.OpGetLink:    {"GET", "/v1/paymentlinks/x"},
		sandbox.OpCurrencies: {"GET", "/v1/merchants/self/projects/self/currencies"},
		sandbox.OpProject:    {"GET", "/v1/merchants/self/projects/self/"},
	}
	for _, op := range sandbox.Operations() {
		call, known := calls[op]
		if !known {
			t.Errorf("operation %q is not tried here", op)
			continue
		}
		s.g.Break(op, "", 1, sandbox.Reply(http.StatusBadGateway, nil, "broken"))
		if r := s.call(call.method, call.path, ""); r.status != http.StatusBadGateway {
			t.Errorf("%s: status %d, want that of the fault", op, r.status)
		}
		if got := s.g.Calls(op, ""); got != 1 {
			t.Errorf("%s: %d calls counted, want 1", op, got)
		}
	}
}

func TestReversalIsAnOrderOfItsOwn(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.paidOrder(nil)
	reversal, err := s.g.Reversal(id)
	s.do(err)
	if back := s.read(reversal); back["reversal_of_order_id"] != id || back["status"] != "completed" {
		t.Errorf("reversal is %v", back)
	}
	if got := mustJSON(t, s.read(id)["reversal_orders"]); got != `["`+reversal+`"]` {
		t.Errorf("reversal_orders %s, want the reversal", got)
	}
}
