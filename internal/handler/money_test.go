package handler_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

const (
	refunds = "/v1/orders/" + id + "/refunds"
	aKey    = "refund-of-A-17~1"
)

// pay posts with a key that may move money.
func (s *service) pay(path, body string, headers ...string) answer {
	s.t.Helper()
	return s.do("POST", path, body, append(headers, "Authorization", "Bearer "+cashier)...)
}

func TestMovementsAreAskedFor(t *testing.T) {
	for _, c := range []struct {
		path, body string
		want       operation.Ask
	}{
		{"refunds", `{"amount":500}`, operation.Ask{Movement: payment.Refund, Amount: 500}},
		{
			"refunds", `{"amount":5e2,"description":"a broken cup"}`,
			operation.Ask{Movement: payment.Refund, Amount: 500, Description: "a broken cup"},
		},
		{"captures", `{"amount":1}`, operation.Ask{Movement: payment.Capture, Amount: 1}},
		{"captures", ``, operation.Ask{Movement: payment.Capture}},
		{"captures", `{"amount":null,"description":"all"}`, operation.Ask{Movement: payment.Capture, Description: "all"}},
		{"voids", `{"amount":1295}`, operation.Ask{Movement: payment.Void, Amount: 1295}},
	} {
		f := newFake()
		var got operation.Ask
		f.move = func(_ context.Context, a operation.Ask) (store.Operation, bool, error) {
			got = a
			return doneOperation(a.Key), true, nil
		}
		a := start(t, config(), f).pay("/v1/orders/"+id+"/"+c.path, c.body, "Idempotency-Key", aKey)
		var op store.Operation
		wantBody(t, a, http.StatusCreated, &op)
		c.want.Key, c.want.OrderID = aKey, id
		if got != c.want || op.Key != aKey {
			t.Errorf("%s %s: asked for %+v, want %+v; answered %+v", c.path, c.body, got, c.want, op)
		}
	}
}

func TestMovementsThatCannotBeAskedFor(t *testing.T) {
	f := newFake()
	f.move = func(_ context.Context, a operation.Ask) (store.Operation, bool, error) {
		t.Errorf("asked for %+v", a)
		return store.Operation{}, false, nil
	}
	s := start(t, config(), f)
	for _, c := range []struct {
		path, key, body string
		status          int
		code, location  string
	}{
		{"refunds", "", `{"amount":500}`, 400, "idempotency_key_missing", ""},
		{"refunds", "a key", `{"amount":500}`, 422, "invalid", "header.Idempotency-Key"},
		{"refunds", ".", `{"amount":500}`, 422, "invalid", "header.Idempotency-Key"},
		{"refunds", "..", `{"amount":500}`, 422, "invalid", "header.Idempotency-Key"},
		{"refunds", strings.Repeat("k", 256), `{"amount":500}`, 422, "invalid", "header.Idempotency-Key"},
		{"refunds", aKey, `{"amount":`, 400, "invalid_json", ""},
		{"refunds", aKey, `{}`, 422, "invalid", "body"},
		{"refunds", aKey, ``, 422, "invalid", "body"},
		{"refunds", aKey, `{"amount":0}`, 422, "invalid", "body.amount"},
		{"refunds", aKey, `{"amount":-1}`, 422, "invalid", "body.amount"},
		{"refunds", aKey, `{"amount":1.5}`, 422, "invalid", "body.amount"},
		{"refunds", aKey, `{"amount":"5"}`, 422, "invalid", "body.amount"},
		{"refunds", aKey, `{"amount":5,"Amount":6}`, 422, "invalid", "body.Amount"},
		{"refunds", aKey, `{"amount":5,"currency":"EUR"}`, 422, "invalid", "body.currency"},
		{"refunds", aKey, `{"amount":5,"description":"a\u0000b"}`, 422, "invalid", "body.description"},
		{"captures", aKey, `{"amount":0}`, 422, "invalid", "body.amount"},
		{"captures", aKey, `[]`, 422, "invalid", "body"},
		{"voids", aKey, `{}`, 422, "invalid", "body"},
	} {
		var headers []string
		if c.key != "" {
			headers = []string{"Idempotency-Key", c.key}
		}
		a := s.pay("/v1/orders/"+id+"/"+c.path, c.body, headers...)
		p := wantProblem(t, a, c.status, c.code)
		if c.location == "" {
			continue
		}
		fields, _ := p["errors"].([]any)
		if len(fields) == 0 || fields[0].(map[string]any)["location"] != c.location {
			t.Errorf("%s %q with key %q: %s, want %s named", c.path, c.body, c.key, a.body, c.location)
		}
	}
}

func TestHowAMovementStands(t *testing.T) {
	for _, c := range []struct {
		status store.OperationStatus
		first  bool
		want   int
	}{
		{store.OperationDone, true, 201},
		{store.OperationDone, false, 200},
		{store.OperationUnknown, true, 202},
		{store.OperationUnknown, false, 202},
		{store.OperationPending, false, 202},
		{store.OperationRefused, false, 200},
	} {
		f := newFake()
		f.move = func(_ context.Context, a operation.Ask) (store.Operation, bool, error) {
			op := doneOperation(a.Key)
			op.Status = c.status
			return op, c.first, nil
		}
		var op store.Operation
		wantBody(t, start(t, config(), f).pay(refunds, `{"amount":5}`, "Idempotency-Key", aKey), c.want, &op)
		if op.Status != c.status {
			t.Errorf("answered %+v, want %s", op, c.status)
		}
	}
}

func TestWhyAMovementDidNotHappen(t *testing.T) {
	api := &nopayn.APIError{Operation: "create_refund", StatusCode: 429, RetryAfter: 90 * time.Second, Message: inner}
	for _, c := range []struct {
		err    error
		status int
		code   string
		later  string // Retry-After
	}{
		{store.ErrUnderWay, 409, "under_way", "1"},
		{store.ErrOrderBusy, 409, "order_busy", "5"},
		{store.ErrKeyReused, 422, "key_reused", ""},
		{store.ErrNotFound, 404, "not_found", ""},
		{&operation.RefusedError{Code: payment.ObjectionTooMuch, Detail: "5 is more than 4"}, 422, "amount_too_large", ""},
		{&operation.RefusedError{Detail: "Order cannot be refunded"}, 422, "refused", ""},
		{&operation.NotSentError{Err: api}, 502, "not_sent", "90"},
		{&operation.NotSentError{Err: &gateway.ClosedError{After: time.Second}}, 502, "not_sent", "1"},
		{&operation.NotSentError{Err: gateway.ErrBusy}, 502, "not_sent", ""},
		{&operation.NotSentError{Err: &pgconn.PgError{Code: "57P01", Message: inner}}, 503, "database_unavailable", "5"},
		{&pgconn.PgError{Code: "57P01", Message: inner}, 503, "database_unavailable", "5"},
		{errors.New(inner), 500, "internal", ""},
	} {
		f := newFake()
		f.move = func(context.Context, operation.Ask) (store.Operation, bool, error) {
			return store.Operation{}, true, c.err
		}
		a := start(t, config(), f).pay(refunds, `{"amount":5}`, "Idempotency-Key", aKey)
		wantProblem(t, a, c.status, c.code)
		if got := a.Header.Get("Retry-After"); got != c.later {
			t.Errorf("%v: Retry-After %q, want %q", c.err, got, c.later)
		}
		wantNone(t, c.err.Error(), string(a.body), inner)
	}
}

func TestOperation(t *testing.T) {
	f := newFake()
	s := start(t, config(), f)
	var op store.Operation
	wantBody(t, s.get("/v1/operations/"+aKey), http.StatusOK, &op)
	if diff := cmp.Diff(doneOperation(aKey), op); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
	f.stands = func(string) (store.Operation, error) { return store.Operation{}, store.ErrNoOperation }
	p := wantProblem(t, s.get("/v1/operations/other"), http.StatusNotFound, "not_found")
	if !strings.Contains(p["detail"].(string), "operation") {
		t.Errorf("the detail is %q", p["detail"])
	}
	wantProblem(t, s.get("/v1/operations/no%20key"), http.StatusUnprocessableEntity, "invalid")
}

const fullOrder = `{
	"amount":1295,"currency":"EUR","merchant_order_id":"A-17","description":"Two cups","return_url":"https://shop.example/ok",
	"failure_url":"https://shop.example/no","locale":"it-IT","payment_methods":["credit-card"],"expiration_period":"PT30M",
	"transactions":[{"payment_method":"credit-card","payment_method_details":{"x":9007199254740993}}],
	"order_lines":[{"merchant_order_line_id":"1","name":"Cup","quantity":2,"amount":600}],
	"customer":{"email_address":"a@b.it","additional_addresses":[{"address":"Via Roma 1"}]},
	"extra":{"cart":"7","deep":{"er":[1,9007199254740993,1.50]}}
}`

func TestCreateOrder(t *testing.T) {
	f := newFake()
	var key string
	var order nopayn.NewOrder
	first := true
	create := f.create
	f.create = func(ctx context.Context, k string, o nopayn.NewOrder) (operation.Created, bool, error) {
		key, order = k, o
		made, _, err := create(ctx, k, o)
		return made, first, err
	}
	s := start(t, config(), f)
	var made struct {
		OrderID    string      `json:"order_id"`
		OrderURL   string      `json:"order_url"`
		PaymentURL string      `json:"payment_url"`
		Signature  string      `json:"signature"`
		Order      store.Order `json:"order"`
	}
	wantBody(t, s.post("/v1/orders", fullOrder), http.StatusCreated, &made)
	if made.OrderID != id || made.Order.OrderID != id || made.OrderURL == "" || made.PaymentURL == "" || made.Signature == "" {
		t.Errorf("answered %+v", made)
	}
	if key != "" || order.Amount != 1295 || order.Customer.AdditionalAddresses[0].Address != "Via Roma 1" ||
		order.OrderLines[0].Quantity != 2 || order.Extra["cart"] != "7" {
		t.Errorf("asked for %q %+v", key, order)
	}
	// What is the shop's own goes to the gateway with every digit.
	asked, err := json.Marshal(order)
	for _, kept := range []string{`"deep":{"er":[1,9007199254740993,1.50]}`, `{"x":9007199254740993}`} {
		if err != nil || !strings.Contains(string(asked), kept) {
			t.Errorf("asked for %s (%v), want %s kept", asked, err, kept)
		}
	}
	first = false
	wantBody(t, s.post("/v1/orders", fullOrder, "Idempotency-Key", aKey), http.StatusOK, &made)
	if key != aKey {
		t.Errorf("the key is %q", key)
	}
}

func TestOrdersThatCannotBeCreated(t *testing.T) {
	refused := &nopayn.ValidationError{Problems: []nopayn.FieldError{{Field: "order_lines[1].name", Problem: "is blank"}}}
	for _, c := range []struct {
		body     string
		err      error
		status   int
		code     string
		location string
	}{
		{`{"amount":1,"currency":"EUR","webhook_url":"https://elsewhere.example/"}`, nil, 422, "invalid", "body.webhook_url"},
		{`{"amount":1,"currency":"EUR","order_lines":[{"Name":"x"}]}`, nil, 422, "invalid", "body.order_lines.Name"},
		{`{"currency":"EUR"}`, nil, 422, "invalid", "body"},
		{`{"amount":"1","currency":"EUR"}`, nil, 422, "invalid", "body.amount"},
		{`{"amount":1,"currency":"EUR"}`, refused, 422, "invalid", "body.order_lines[1].name"},
		{`{"amount":1,"currency":"EUR"}`, operation.ErrNoWebhookURL, 422, "public_url_missing", ""},
		{`{"amount":1,"currency":"EUR"}`, &operation.RefusedError{Detail: "no such currency"}, 422, "refused", ""},
		{`{"amount":1,"currency":"EUR"}`, &operation.NotSentError{Err: gateway.ErrBusy}, 502, "not_sent", ""},
		{
			`{"amount":1,"currency":"EUR"}`,
			&operation.UnknownError{Key: aKey, Err: &nopayn.APIError{StatusCode: 500, Message: inner}}, 502, "outcome_unknown", "",
		},
		{
			`{"amount":1,"currency":"EUR"}`,
			&operation.UnknownError{Key: aKey, Err: context.DeadlineExceeded}, 504, "answer_late", "",
		},
	} {
		f := newFake()
		if c.err != nil {
			f.create = func(context.Context, string, nopayn.NewOrder) (operation.Created, bool, error) {
				return operation.Created{}, true, c.err
			}
		}
		a := start(t, config(), f).post("/v1/orders", c.body)
		p := wantProblem(t, a, c.status, c.code)
		if unknown := c.code == "outcome_unknown" || c.code == "answer_late"; unknown && !strings.Contains(p["detail"].(string), aKey) {
			t.Errorf("the detail names no key: %q", p["detail"])
		}
		fields, _ := p["errors"].([]any)
		if c.location != "" && (len(fields) == 0 || fields[0].(map[string]any)["location"] != c.location) {
			t.Errorf("%s: %s, want %s named", c.body, a.body, c.location)
		}
		wantNone(t, c.code, string(a.body), inner)
	}
}
