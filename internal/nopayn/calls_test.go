package nopayn_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/nopayn"
)

// theCall is one call of the API: what it sends, and what it takes for an answer.
type theCall struct {
	name   string // the operation of its errors
	reads  bool
	method string
	path   string // below basePath
	body   string // JSON, or nothing
	answer string
	make   func(context.Context, *nopayn.Client) (any, error)
}

const (
	orderAnswer = `{"id":"` + orderID + `","status":"new","amount":1295,"currency":"EUR",` +
		`"order_url":"https://pay.example.com/o"}`
	linkAnswer = `{"id":"l-1","payment_url":"https://pay.example.com/l","amount":995}`
	anAttempt  = "/transactions/" + attemptID
)

// theCalls are all calls but GetOrder and ListOrders, which have tests of their own.
func theCalls() []theCall {
	order := "/v1/orders/" + orderID
	move := nopayn.Movement{Amount: 1000, Description: "First parcel", IfMatch: `"7"`}
	line := nopayn.Movement{LineID: "line-1", Quantity: 1, Description: "First parcel"}
	return []theCall{
		{
			name: "create_order", method: "POST", path: "/v1/orders/", answer: orderAnswer,
			body: `{"amount":1295,"currency":"EUR","customer":{"email_address":"` + customer + `"}}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.CreateOrder(ctx, nopayn.NewOrder{
					Amount: 1295, Currency: "EUR", Customer: &nopayn.Customer{EmailAddress: customer},
				})
			},
		},
		{
			name: "create_order", method: "POST", path: "/v1/orders/", answer: orderAnswer,
			body: `{"amount":1295,"currency":"EUR"}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.GeneratePaymentURL(ctx, nopayn.NewOrder{Amount: 1295, Currency: "EUR"})
			},
		},
		{
			name: "cancel_order", method: "DELETE", path: order + "/", answer: orderAnswer,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) { return c.CancelOrder(ctx, orderID) },
		},
		{
			name: "search_orders", reads: true, method: "POST", path: "/v1/search/orders/",
			body: `{"status":"completed"}`, answer: `{"hits":1,"orders":[{"amount":1295,"currency":"EUR"}]}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.SearchOrders(ctx, map[string]any{"status": "completed"})
			},
		},
		{
			name: "create_refund", method: "POST", path: order + "/refunds/",
			answer: `{"id":"ref_1","status":"pending","amount":500}`,
			body:   `{"amount":500,"description":"Damaged item","merchant_order_id":"refund-001"}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.CreateRefund(ctx, orderID, nopayn.NewRefund{
					Amount: 500, Description: "Damaged item", MerchantOrderID: "refund-001",
				})
			},
		},
		{
			name: "create_refund", method: "POST", path: order + "/refunds/", answer: `{"id":"ref_1","status":"pending"}`,
			body: `{"amount":500}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.CreateRefund(ctx, orderID, nopayn.NewRefund{Amount: 500})
			},
		},
		{
			name: "capture", method: "POST", path: order + anAttempt + "/captures/", answer: orderAnswer,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.Capture(ctx, orderID, attemptID, nopayn.Movement{})
			},
		},
		{
			name: "capture", method: "POST", path: order + anAttempt + "/captures/amount/", answer: orderAnswer,
			body: `{"amount":1000,"description":"First parcel"}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.Capture(ctx, orderID, attemptID, move)
			},
		},
		{
			name: "capture", method: "POST", path: order + anAttempt + "/captures/orderlines/", answer: orderAnswer,
			body: `{"description":"First parcel","order_line":{"merchant_order_line_id":"line-1","quantity":1}}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.Capture(ctx, orderID, attemptID, line)
			},
		},
		{
			name: "void", method: "POST", path: order + anAttempt + "/voids/amount/", answer: orderAnswer,
			body: `{"amount":1000,"description":"First parcel"}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) { return c.Void(ctx, orderID, attemptID, move) },
		},
		{
			name: "void", method: "POST", path: order + anAttempt + "/voids/amount/", answer: orderAnswer,
			body: `{"amount":1000}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.Void(ctx, orderID, attemptID, nopayn.Movement{Amount: 1000, IfMatch: `"7"`})
			},
		},
		{
			name: "void", method: "POST", path: order + anAttempt + "/voids/orderlines/", answer: orderAnswer,
			body: `{"description":"First parcel","order_line":{"merchant_order_line_id":"line-1","quantity":1}}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) { return c.Void(ctx, orderID, attemptID, line) },
		},
		{
			name: "create_payment_link", method: "POST", path: "/v1/paymentlinks/", answer: linkAnswer,
			body: `{"merchant_order_id":"invoice-1234","amount":995,"currency":"EUR","expiration_period":"P30D"}`,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.CreatePaymentLink(ctx, nopayn.NewPaymentLink{
					MerchantOrderID: "invoice-1234", Amount: 995, Currency: "EUR", ExpirationPeriod: "P30D",
				})
			},
		},
		{
			name: "get_payment_link", reads: true, method: "GET", path: "/v1/paymentlinks/l-1/", answer: linkAnswer,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) { return c.GetPaymentLink(ctx, "l-1") },
		},
		{
			name: "project_currencies", reads: true, method: "GET", path: "/v1/merchants/self/projects/self/currencies/",
			answer: `{"payment_methods":{"credit-card":{"currencies":["EUR"]}}}`,
			make:   func(ctx context.Context, c *nopayn.Client) (any, error) { return c.ProjectCurrencies(ctx) },
		},
		{
			name: "get_order", reads: true, method: "GET", path: order + "/", answer: orderAnswer,
			make: func(ctx context.Context, c *nopayn.Client) (any, error) {
				return c.VerifyWebhook(ctx, []byte(`{"order_id":"`+orderID+`"}`))
			},
		},
	}
}

// given reports whether a call's result holds something.
func given(result any) bool {
	v := reflect.ValueOf(result)
	return v.IsValid() && !v.IsNil()
}

func TestCallsSendWhatTheContractHas(t *testing.T) {
	for _, call := range theCalls() {
		t.Run(call.name+" "+call.path, func(t *testing.T) {
			var got *http.Request
			var body []byte
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				w.Write([]byte(call.answer))
			})
			result, err := call.make(t.Context(), c)
			if err != nil || !given(result) {
				t.Fatalf("%v, %v", result, err)
			}
			if got.Method != call.method || got.URL.Path != basePath+call.path {
				t.Errorf("sent %s %s, want %s %s", got.Method, got.URL.Path, call.method, basePath+call.path)
			}
			if string(body) != call.body {
				t.Errorf("sent %s\nwant %s", body, call.body)
			}
			contentType := got.Header.Get("Content-Type")
			if want := map[bool]string{true: "application/json"}[call.body != ""]; contentType != want {
				t.Errorf("Content-Type %q, want %q", contentType, want)
			}
			if user, password, ok := got.BasicAuth(); !ok || user != canary || password != "" {
				t.Errorf("BasicAuth = %q, %q, %t, want the key and no password", user, password, ok)
			}
			ifMatch := strings.HasSuffix(call.path, "/amount/")
			if got.Header.Get("If-Match") != map[bool]string{true: `"7"`}[ifMatch] {
				t.Errorf("If-Match %q", got.Header.Get("If-Match"))
			}
		})
	}
}

// TestWhatFailsAndWhatIsKnownOfIt has each call meet each way to fail: whether it may have been done all the same.
func TestWhatFailsAndWhatIsKnownOfIt(t *testing.T) {
	reply := func(status int, body string) roundTrip {
		return func(*http.Request) (*http.Response, error) { return answer(status, body), nil }
	}
	blame := `{"error":{"status":400,"value":"no: ` + canary + `, ` + customer + `"}}`
	for _, c := range []struct {
		name    string
		trip    roundTrip
		unknown bool // for a call that does something
	}{
		{"400", reply(400, blame), false},
		{"401", reply(401, blame), false},
		{"404", reply(404, blame), false},
		{"409", reply(409, blame), false},
		{"429", reply(429, blame), false},
		{"moved", reply(301, ""), false},
		{"found", reply(302, ""), true},
		{"see other", reply(303, ""), true},
		{"not modified", reply(304, ""), true},
		{"moved for now", reply(307, ""), false},
		{"moved for good", reply(308, ""), false},
		{"408", reply(408, blame), true},
		{"500", reply(500, blame), true},
		{"502 in HTML", reply(502, "<html>"+customer), true},
		{"an error under 200", reply(200, blame), false},
		{"429 under 200", reply(200, `{"error":{"status":"429"}}`), false},
		{"408 under 200", reply(200, `{"error":{"status":408}}`), true},
		{"503 under 200", reply(200, `{"error":{"status":"503","value":"upstream"}}`), true},
		{"504 under 200", reply(201, `{"error":{"status":504}}`), true},
		{"an error without a status", reply(200, `{"error":{"value":"no"}}`), true},
		{"an error in a word", reply(200, `{"error":"werkzeug.exceptions.BadRequest","message":"no"}`), true},
		{"a status that is none", reply(200, `{"error":{"status":4000}}`), true},
		{"400 beside an id", reply(200, `{"id":"o-1","error":{"status":400}}`), true},
		{"an empty error alone", reply(200, `{"error":{}}`), true},
		{"an empty error and a message", reply(200, `{"error":"","message":"no"}`), true},
		{"an error beside an id", reply(200, `{"id":"o-1","error":"x"}`), true},
		{"half of an answer", reply(200, `{"id":"o-`), true},
		{"a list of lists", reply(200, `[[]]`), true},
		{"cut", func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, true},
		{"time-out", func(r *http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }, true},
	} {
		for _, call := range theCalls() {
			t.Run(c.name+" "+call.name, func(t *testing.T) {
				var sent atomic.Int32
				client := dial(t, nopayn.Config{HTTPClient: respond(func(r *http.Request) (*http.Response, error) {
					sent.Add(1)
					return c.trip(r)
				})})
				_, err := call.make(t.Context(), client)
				var own nopayn.Error
				if !errors.As(err, &own) {
					t.Fatalf("error %v of type %T is none of the package's", err, err)
				}
				if want := c.unknown && !call.reads; own.OutcomeUnknown() != want || nopayn.NotDone(err) == want {
					t.Errorf("%v: outcome unknown %t, want %t", err, own.OutcomeUnknown(), want)
				}
				if n := sent.Load(); n != 1 {
					t.Errorf("sent %d times, want once", n)
				}
				text := err.Error()
				if refused, ok := errors.AsType[*nopayn.APIError](err); ok {
					text += string(refused.Body)
				}
				told := strings.Contains(call.body, customer)
				if strings.Contains(text, canary) || told && strings.Contains(text, customer) {
					t.Errorf("the error betrays something: %s", text)
				}
			})
		}
	}
}

func TestANetworkThatIsNotThereDidNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	client := dial(t, nopayn.Config{BaseURL: "http://" + listener.Addr().String()})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, call := range theCalls() {
		for name, ctx := range map[string]context.Context{"nobody listens": t.Context(), "the time is over": over} {
			_, err := call.make(ctx, client)
			if _, ok := errors.AsType[*nopayn.TransportError](err); !ok || !nopayn.NotDone(err) {
				t.Errorf("%s, %s: %v of type %T, want a TransportError that says that nothing was done", call.name, name, err, err)
			}
		}
	}
	if nopayn.NotDone(errors.New("another's")) || nopayn.NotDone(nil) {
		t.Error("NotDone answers for errors that are not the package's")
	}
}

// TestAnAnswerThatNeverComes sends everything and hears nothing: it may have been done.
func TestAnAnswerThatNeverComes(t *testing.T) {
	for _, call := range theCalls() {
		var sent atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			sent.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		_, err := call.make(ctx, c)
		if _, ok := errors.AsType[*nopayn.TransportError](err); !ok || nopayn.NotDone(err) != call.reads || sent.Load() != 1 {
			t.Errorf("%s: %v, sent %d times, want an unknown outcome of what was sent once", call.name, err, sent.Load())
		}
	}
}

func TestCreateOrderSendsTheFixture(t *testing.T) {
	var sent []byte
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		w.Write(fixture(t, "01_order_new_hpp.json"))
	})
	vat := 2100
	o, err := c.CreateOrder(t.Context(), nopayn.NewOrder{
		Amount: 3490, Currency: "EUR", MerchantOrderID: "ORDER-001", Description: "Two widgets and shipping",
		ReturnURL: "https://shop.example.com/success", FailureURL: "https://shop.example.com/failure",
		WebhookURL: "https://shop.example.com/webhook", Locale: "en-GB",
		PaymentMethods: []string{"credit-card", "vipps-mobilepay"}, ExpirationPeriod: "PT30M",
		CaptureMode: nopayn.CaptureManual,
		OrderLines: []nopayn.OrderLine{
			{
				ID: "is not sent", Type: "physical", MerchantOrderLineID: "line-1", Name: "Widget", Quantity: 2, Amount: 1495,
				Currency: "EUR", VATPercentage: &vat,
			},
			{
				Type: "shipping_fee", MerchantOrderLineID: "line-2", Name: "Shipping", Quantity: 1, Amount: 500,
				Currency: "EUR", VATPercentage: &vat,
			},
		},
		Customer: &nopayn.Customer{
			FirstName: "Ada", LastName: "Rossi", EmailAddress: "ada@example.com", Address: "Via Prova 1",
			PostalCode: "00100", Country: "IT", AddressType: "billing", Locale: "it_IT",
			PhoneNumbers: []string{"+390600000000"}, IPAddress: "192.0.2.10",
		},
		Client: &nopayn.ClientInfo{
			PlatformName: "DemoShop", PlatformVersion: "1.0", PluginName: "demo-plugin", PluginVersion: "0.1",
		},
		Extra: map[string]any{"basket": "b-77"},
	})
	if err != nil || o.ID != orderID || o.PayURL() != payPage {
		t.Fatalf("CreateOrder = %+v, %v", o, err)
	}
	var got, want any
	full := fixture(t, "00_create_order_request_full.json")
	if err := errors.Join(json.Unmarshal(sent, &got), json.Unmarshal(full, &want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request differs from the fixture (-want +got):\n%s", diff)
	}
}

// TestCreateOrderKeepsDigits reads an order from JSON and sends it: what is the shop's own is not to be rounded.
func TestCreateOrderKeepsDigits(t *testing.T) {
	const extra = `"extra":{"basket":12345678901234567890,"in":[{"id":9007199254740993},1.50]}`
	const details = `"payment_method_details":{"id":9007199254740993}`
	const order = `{"amount":1295,"currency":"EUR","transactions":[{"payment_method":"credit-card",` + details + `}],` +
		extra + `}`
	var sent []byte
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		w.Write(fixture(t, "01_order_new_hpp.json"))
	})
	var o nopayn.NewOrder
	if err := json.Unmarshal([]byte(order), &o); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateOrder(t.Context(), o); err != nil || string(sent) != order {
		t.Errorf("CreateOrder: %v, sent\n%s, want\n%s", err, sent, order)
	}
}

func TestGeneratePaymentURL(t *testing.T) {
	withPages := `{"id":"` + orderID + `","status":"new","amount":1,"currency":"XXX","order_url":"order",` +
		`"transactions":[{"payment_url":"first"}]}`
	got, err := fixed(t, 201, withPages).GeneratePaymentURL(t.Context(), nopayn.NewOrder{Amount: 1295, Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	if got.OrderID != orderID || got.OrderURL != "order" || got.PaymentURL != "first" || got.PayURL != "first" ||
		got.Order == nil {
		t.Errorf("GeneratePaymentURL = %+v", got)
	}
	// Of what was asked for, not of what came back (CONTRACT 6).
	if !nopayn.VerifySignature(canary, 1295, "EUR", orderID, got.Signature) {
		t.Errorf("signature %s is not that of the request", got.Signature)
	}
	pageless := `{"id":"` + orderID + `","status":"new","amount":1295,"currency":"EUR"}`
	got, err = fixed(t, 201, pageless).GeneratePaymentURL(t.Context(), nopayn.NewOrder{Amount: 1295, Currency: "EUR"})
	if !errors.Is(err, nopayn.ErrNoPaymentURL) || nopayn.NotDone(err) || got == nil || got.OrderID != orderID {
		t.Errorf("without a page: %+v, %v, want the order along with ErrNoPaymentURL", got, err)
	}
}

func TestVerifyWebhook(t *testing.T) {
	for status, final := range map[string]bool{
		"completed": true, "cancelled": true, "expired": true, "error": true,
		"new": false, "processing": false, "on-hold-review": false,
	} {
		doc := strings.Replace(orderAnswer, `"new"`, `"`+status+`"`, 1)
		body := []byte(`{"event":"status_changed","order_id":"` + orderID + `","project_id":"p-1","status":"completed"}`)
		got, err := fixed(t, 200, doc).VerifyWebhook(t.Context(), body)
		if err != nil || got.IsFinal != final || string(got.Order.Status) != status || got.OrderID != orderID ||
			got.Webhook.ProjectID != "p-1" {
			t.Errorf("%s: %+v, %v, want final %t", status, got, err, final)
		}
	}
	none := func(*http.Request) (*http.Response, error) {
		t.Error("the gateway was asked about a webhook that names no order")
		return nil, io.EOF
	}
	_, err := dial(t, nopayn.Config{HTTPClient: respond(none)}).VerifyWebhook(t.Context(), []byte(`{"order_id":"../x"}`))
	if _, ok := errors.AsType[*nopayn.WebhookError](err); !ok || !nopayn.NotDone(err) {
		t.Errorf("a bad webhook: %v of type %T, want a WebhookError", err, err)
	}
}

func TestUpdateOrderSendsTheOrderBack(t *testing.T) {
	var sent map[string]any
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
		}
		w.Write(fixture(t, "04_order_completed.json"))
	})
	o, err := c.UpdateOrder(t.Context(), orderID, nopayn.OrderUpdate{MerchantOrderID: new("ORDER-002")})
	if err != nil || o.ID != orderID {
		t.Fatalf("UpdateOrder = %+v, %v", o, err)
	}
	if sent["merchant_order_id"] != "ORDER-002" || sent["description"] != "Premium widget" || sent["amount"] != 1295.0 {
		t.Errorf("sent %v", sent)
	}
	for _, name := range []string{
		"id", "order_id", "project_id", "created", "modified", "completed", "status", "flags", "events", "transactions",
	} {
		if _, there := sent[name]; there {
			t.Errorf("sent %s, which is the gateway's to write", name)
		}
	}
	for name, v := range sent {
		if v == nil {
			t.Errorf("sent %s as null", name)
		}
	}
}

// TestUpdateOrderSendsBackOnlyWhatTheGatewayTakes reads an order with what a strict schema refuses (CONTRACT 1.3, 2.7).
func TestUpdateOrderSendsBackOnlyWhatTheGatewayTakes(t *testing.T) {
	const read = `{"id":"` + orderID + `","status":"new","amount":1295,"currency":"EUR","locale":" ","payment_methods":[],
		"customer":{"email_address":null,"phone_numbers":[],"first_name":"Niccol\u00f2","user_agent":"B/1","last_name":"",
		"additional_addresses":[{"country":null},{"country":"IT","address":""}]},
		"client":{"platform_name":"DemoShop","user_agent":"Browser/1"},
		"order_lines":[{"id":"l-1","merchant_order_line_id":"line-1","name":"Cup","quantity":1,"amount":1295,"ean":null}],
		"extra":{"id":"kept","nothing":null,"list":[],"text":""}}`
	const want = `{"amount":1295,"client":{"platform_name":"DemoShop"},"currency":"EUR",` +
		`"customer":{"first_name":"Niccol\u00f2","user_agent":"B/1","additional_addresses":[{"country":"IT"}]},` +
		`"description":"Two \u003ccups\u003e","extra":{"id":"kept","nothing":null,"list":[],"text":""},` +
		`"order_lines":[{"merchant_order_line_id":"line-1","name":"Cup","quantity":1,"amount":1295}]}`
	for etag, ifMatch := range map[string]string{`"7"`: `"7"`, `W/"7"`: "", "": ""} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				if body, _ := io.ReadAll(r.Body); string(body) != want {
					t.Errorf("sent %s\nwant %s", body, want)
				}
				if got := r.Header.Get("If-Match"); got != ifMatch {
					t.Errorf("the order has ETag %s: sent If-Match %s, want %s", etag, got, ifMatch)
				}
			}
			w.Header().Set("ETag", etag)
			w.Write([]byte(read))
		})
		_, err := c.UpdateOrder(t.Context(), orderID, nopayn.OrderUpdate{Description: new("Two <cups>")})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestMovedTakesEveryAnswer(t *testing.T) {
	for body, want := range map[string]string{
		"": "", "  ": "", "{}": "{}", `{"id":"t-1","status":"completed"}`: `{"id":"t-1","status":"completed"}`,
		orderAnswer: orderAnswer, "null": "",
	} {
		got, err := fixed(t, 200, body).Capture(t.Context(), orderID, attemptID, nopayn.Movement{})
		if err != nil || string(got.Raw) != want {
			t.Errorf("answer %q: %v, %v", body, got, err)
		}
	}
	_, err := fixed(t, 200, "[]").Void(t.Context(), orderID, attemptID, nopayn.Movement{Amount: 1})
	if err == nil || nopayn.NotDone(err) {
		t.Errorf("an answer that is a list: %v, want an unknown outcome", err)
	}
}
