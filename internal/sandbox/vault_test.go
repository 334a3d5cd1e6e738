package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// firstPayment pays an order that begins a series, and returns the token of its card and its transaction.
func (s *shop) firstPayment() (token, txID string) {
	s.t.Helper()
	id := s.paidOrder(map[string]any{"transactions": []any{
		map[string]any{"payment_method": "credit-card", "recurring_type": "first"},
	}})
	tx := s.read(id)["transactions"].([]any)[0].(map[string]any)
	token, _ = tx["vault_token"].(string)
	details := tx["payment_method_details"].(map[string]any)
	if token == "" || details["vault_token"] != token || tx["first_transaction_id"] != tx["id"] ||
		details["truncated_pan"] != "1111" {
		s.t.Fatalf("transaction of a first payment is %v", tx)
	}
	return token, tx["id"].(string)
}

func recurring(members string) string {
	return with(`"transactions":[{"payment_method":"credit-card","recurring_type":"recurring"` + members + `}]`)
}

func TestARecurringPaymentSettlesAtOnce(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	token, first := s.firstPayment()
	receiver.next(t)
	r := s.call("POST", "/v1/orders/", recurring(`,"vault_token":"`+token+`","first_transaction_id":"`+first+`"`))
	doc := r.object(t)
	if r.status != http.StatusCreated || doc["status"] != "completed" || doc["order_url"] != nil {
		t.Fatalf("status %d, want 201 with a completed order without a page: %s", r.status, r.text)
	}
	tx := doc["transactions"].([]any)[0].(map[string]any)
	if tx["payment_url"] != nil || tx["status"] != "completed" || tx["payment_method_brand"] != "visa" {
		t.Errorf("transaction is %v", tx)
	}
	id := doc["id"].(string)
	if got := s.details(id); !strings.Contains(got, `"captured":1,`) {
		t.Errorf("amount_details %s, want the amount captured", got)
	}
	if got := receiver.next(t)["order_id"]; got != id {
		t.Errorf("webhook is about %s, want the recurring order", got)
	}
	if got := len(s.g.Deliveries(id)); got != 1 {
		t.Errorf("%d webhooks, want 1", got)
	}
}

func TestRecurringPaymentsThatAreRefused(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	token, _ := s.firstPayment()
	valid := `,"vault_token":"` + token + `"`
	const at = "transactions[0]."
	for members, path := range map[string]string{
		"":                      at + "vault_token",
		`,"vault_token":"vt-1"`: at + "vault_token",
		`,"vault_token":null`:   at + "vault_token",
		valid + `,"first_transaction_id":"other"`: at + "first_transaction_id",
	} {
		s.wantRefused(s.call("POST", "/v1/orders/", recurring(members)), http.StatusBadRequest, path)
	}
	if r := s.call("POST", "/v1/orders/", recurring(valid)); r.status != http.StatusCreated {
		t.Fatalf("recurring payment: status %d, want 201: %s", r.status, r.text)
	}
	clock.Advance(366 * 24 * time.Hour)
	s.wantRefused(s.call("POST", "/v1/orders/", recurring(valid)), http.StatusBadRequest, at+"vault_token")
}

func TestADeclinedFirstPaymentGivesNoToken(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"transactions": []any{
		map[string]any{"payment_method": "credit-card", "recurring_type": "first"},
	}})
	s.do(s.g.Fail(id))
	if tx := s.read(id)["transactions"].([]any)[0].(map[string]any); tx["vault_token"] != nil {
		t.Errorf("transaction is %v, want no token", tx)
	}
}

// setupToken makes an order whose card form is the shop's own.
func (s *shop) setupToken() string {
	s.t.Helper()
	id := s.order(map[string]any{"transactions": []any{map[string]any{
		"payment_method": "credit-card", "payment_method_details": map[string]any{"setup_token": true},
	}}})
	tx := s.read(id)["transactions"].([]any)[0].(map[string]any)
	token, _ := tx["payment_method_details"].(map[string]any)["setup_token"].(string)
	if token == "" {
		s.t.Fatalf("transaction has no setup token: %v", tx)
	}
	return token
}

func TestTokensNeedNoKeyAndStandForACard(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	setup := s.setupToken()
	s.key = "no key at all"
	tokens := make(map[string]string)
	for card, status := range map[string]string{
		"4111 1111 1111 1111": "completed", sandbox.CardInsufficientFunds: "error",
	} {
		r := s.call("POST", "/v1/tokens/", `{"pan":"`+card+`","expiry_date":"1290","setup_token":"`+setup+`"}`)
		if r.status != http.StatusOK {
			t.Fatalf("tokens: status %d, want 200: %s", r.status, r.text)
		}
		tokens[r.object(t)["vault_token"].(string)] = status
	}
	s.key = sandbox.DefaultAPIKey
	for token, status := range tokens {
		doc := s.call("POST", "/v1/orders/", recurring(`,"vault_token":"`+token+`"`)).object(t)
		if tx := doc["transactions"].([]any)[0].(map[string]any); doc["status"] != status || tx["payment_url"] != nil {
			t.Errorf("order paid with a token is %v, want %s and no page", doc, status)
		}
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	setup := s.setupToken()
	body := func(pan, expiry string) string {
		return `{"pan":"` + pan + `","expiry_date":"` + expiry + `","setup_token":"` + setup + `"}`
	}
	const realCard = "4242424242424242"
	for body, path := range map[string]string{
		`{"expiry_date":"1228","setup_token":"x"}`:        "pan",
		`{"pan":"4111111111111111","expiry_date":"1228"}`: "setup_token",
		body(realCard, "1228"):                            "pan",
		body(sandbox.CardVisa, "0226"):                    "expiry_date",
		body(sandbox.CardVisa, "1328"):                    "expiry_date",
		body(sandbox.CardVisa, "122028"):                  "expiry_date",
	} {
		r := s.call("POST", "/v1/tokens", body)
		s.wantRefused(r, http.StatusBadRequest, path)
		if strings.Contains(r.text, realCard) {
			t.Errorf("the answer repeats the card number: %s", r.text)
		}
	}
	r := s.call("POST", "/v1/tokens/", `{"pan":"4111111111111111","expiry_date":"1228","setup_token":"st-1"}`)
	if _, flat := r.object(t)["error"].(string); r.status != http.StatusUnauthorized || !flat {
		t.Errorf("unknown setup token: status %d, want 401 in shape B: %s", r.status, r.text)
	}
}

func TestAProductionProjectTakesNoTestCardsForTokens(t *testing.T) {
	s := newShop(t, sandbox.Config{Production: true})
	r := s.call("POST", "/v1/tokens/",
		`{"pan":"4111111111111111","expiry_date":"1290","setup_token":"`+s.setupToken()+`"}`)
	s.wantRefused(r, http.StatusBadRequest, "pan")
}
