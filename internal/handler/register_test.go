package handler_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/store"
)

func TestRegister(t *testing.T) {
	var asked string
	var got store.Expected
	f := newFake()
	f.register = func(_ context.Context, id string, e store.Expected) (store.Registration, error) {
		asked, got = id, e
		o := paidOrder(id)
		o.Expected = &e
		return store.Registration{Order: o, Created: true}, nil
	}
	s := start(t, config(), f)
	for _, c := range []struct {
		body string
		want store.Expected
	}{
		{"", store.Expected{}},
		{" \n", store.Expected{}},
		{"{}", store.Expected{}},
		{`{"amount":null,"currency":null,"merchant_order_id":null}`, store.Expected{}},
		{`{"merchant_order_id":" ø1 "}`, store.Expected{MerchantOrderID: new(" ø1 ")}},
		{
			`{"merchant_order_id":"` + strings.Repeat("ø", 255) + `"}`,
			store.Expected{MerchantOrderID: new(strings.Repeat("ø", 255))},
		},
		{`{"amount":1}`, store.Expected{Amount: new(int64(1))}},
		{`{"amount":1295.0}`, store.Expected{Amount: new(int64(1295))}},
		{`{"amount":1e2}`, store.Expected{Amount: new(int64(100))}},
		{`{"amount":9007199254740991}`, store.Expected{Amount: new(int64(9007199254740991))}},
		{`{"currency":"EUR","amount":5}`, store.Expected{Currency: new("EUR"), Amount: new(int64(5))}},
	} {
		var order store.Order
		wantBody(t, s.put("/v1/orders/"+id, c.body), http.StatusCreated, &order)
		if diff := cmp.Diff(c.want, got); diff != "" || asked != id {
			t.Errorf("%s registered for %s (-want +got):\n%s", c.body, asked, diff)
		}
		if diff := cmp.Diff(&c.want, order.Expected); diff != "" {
			t.Errorf("%s answered (-want +got):\n%s", c.body, diff)
		}
	}
	// Whatever the type says; many clients call everything a form.
	for _, contentType := range []string{"application/x-www-form-urlencoded", "text/plain", "][", "application/cbor"} {
		a := s.put("/v1/orders/"+id, `{"amount":7}`, "Content-Type", contentType)
		wantBody(t, a, http.StatusCreated, new(store.Order))
		if *got.Amount != 7 {
			t.Errorf("%s: registered %v", contentType, got)
		}
	}
}

func TestRegisterAgain(t *testing.T) {
	f := newFake()
	f.register = func(_ context.Context, id string, _ store.Expected) (store.Registration, error) {
		return store.Registration{Order: paidOrder(id), Mismatch: true}, nil
	}
	s := start(t, config(), f)
	wantBody(t, s.put("/v1/orders/"+id, "{}"), http.StatusOK, new(store.Order))
}

func TestRegisterContradiction(t *testing.T) {
	f := newFake()
	f.register = func(_ context.Context, id string, _ store.Expected) (store.Registration, error) {
		return store.Registration{}, fmt.Errorf("register order %s: %w", id, &store.ContradictionError{Field: "amount"})
	}
	s := start(t, config(), f)
	p := wantProblem(t, s.put("/v1/orders/"+id, `{"amount":2}`), http.StatusConflict, "contradiction")
	if !strings.Contains(p["detail"].(string), "amount") {
		t.Errorf("detail %q does not name the field", p["detail"])
	}
}

func TestRegisterWrongFields(t *testing.T) {
	s := start(t, config(), newFake())
	for body, location := range map[string]string{
		`{"amount":0}`:                     "body.amount",
		`{"amount":-1}`:                    "body.amount",
		`{"amount":1.5}`:                   "body.amount",
		`{"amount":"1"}`:                   "body.amount",
		`{"amount":9007199254740992}`:      "body.amount",
		`{"amount":1e300}`:                 "body.amount",
		`{"amount":true}`:                  "body.amount",
		`{"currency":"eur"}`:               "body.currency",
		`{"currency":"EURO"}`:              "body.currency",
		`{"currency":"EUR\n"}`:             "body.currency",
		`{"currency":""}`:                  "body.currency",
		`{"currency":978}`:                 "body.currency",
		`{"merchant_order_id":""}`:         "body.merchant_order_id",
		`{"merchant_order_id":" \u2003 "}`: "", // a blank of another alphabet is text
		`{"merchant_order_id":"   "}`:      "body.merchant_order_id",
		`{"merchant_order_id":"a\u0000b"}`: "body.merchant_order_id",
		`{"merchant_order_id":"a\nb"}`:     "body.merchant_order_id",
		`{"merchant_order_id":1}`:          "body.merchant_order_id",
		`{"merchant_order_id":"` + strings.Repeat("x", 256) + `"}`: "body.merchant_order_id",
		`{"Amount":1}`:                 "body.Amount",
		`{"webhook_url":"x"}`:          "body.webhook_url",
		`{"amount":1,"AMOUNT":-5}`:     "body.AMOUNT",
		`{"amount":1e400}`:             "body",
		`{"amount":1,"amount":-5}`:     "body.amount",
		`{"amount":5,"amount":5}`:      "body.amount",
		`{"amount":5,"\u0061mount":6}`: "body.amount",
		`[]`:                           "body",
		`null`:                         "body",
		`"x"`:                          "body",
		`1`:                            "body",
	} {
		a := s.put("/v1/orders/"+id, body)
		if location == "" {
			wantBody(t, a, http.StatusCreated, new(store.Order))
			continue
		}
		p := wantProblem(t, a, http.StatusUnprocessableEntity, "invalid")
		errors := p["errors"].([]any)
		if got := errors[0].(map[string]any)["location"]; got != location || len(errors) != 1 {
			t.Errorf("%.60s: errors %v, want %s alone", body, errors, location)
		}
	}
}

func TestRegisterNotJSON(t *testing.T) {
	s := start(t, config(), newFake())
	for _, body := range []string{
		"amount=1", "{", `{"amount":1}x`, `{"amount":01}`, "\ufeff{}", `{'amount':1}`, `{"amount":NaN}`,
		strings.Repeat("[", 20000),
	} {
		wantProblem(t, s.put("/v1/orders/"+id, body), http.StatusBadRequest, "invalid_json")
	}
	large := `{"merchant_order_id":"` + strings.Repeat("x", 64<<10) + `"}`
	wantProblem(t, s.put("/v1/orders/"+id, large), http.StatusRequestEntityTooLarge, "too_large")
}

func TestRegisterBreaksOff(t *testing.T) {
	s := start(t, config(), newFake())
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT /v1/orders/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 99\r\n\r\n{}",
		id, writer)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("%s, want 400", res.Status)
	}
}
