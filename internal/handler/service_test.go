package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/feed"
	"webhookd/internal/handler"
	"webhookd/internal/handler/openapicheck"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

const (
	id       = "43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01"
	token    = "token-canary-4a7d1ed414474e40"
	reader   = "reader-canary-b133a0c0e9bee3be"
	writer   = "writer-canary-0cc175b9c0f1b6a8"
	cashier  = "cashier-canary-92eb5ffee6ae2fec"
	inner    = "inner-canary-4a8a08f09d37b737" // the text of errors that fakes return
	webhook  = `{"event":"status_changed","order_id":"` + id + `"}`
	jsonType = "application/json"
	problems = "application/problem+json"
)

// What the service is wired with fits.
var (
	_ handler.Hinter = (*store.Intake)(nil)
	_ handler.Orders = (*store.Store)(nil)

	_ handler.Operations = (*operation.Service)(nil)
	_ feed.Source        = (*store.Store)(nil)
)

// fake stands for the store: each test sets what it needs.
type fake struct {
	hint     func(ctx context.Context, id string) error
	order    func(ctx context.Context, id string) (store.Order, error)
	orders   func(store.Filter, store.Cursor, int) ([]store.Order, *store.Cursor, error)
	history  func(id string, after int64, limit int) ([]store.Event, error)
	merchant func(ref string) (store.MerchantOrder, error)
	refresh  func(ctx context.Context, id string, maxAge time.Duration) error
	events   func(feed string, after int64, limit int) (store.Page, error)
	extent   func() (store.Extent, error)
	stands   func(key string) (store.Operation, error)
	move     func(ctx context.Context, a operation.Ask) (store.Operation, bool, error)
	create   func(ctx context.Context, key string, o nopayn.NewOrder) (operation.Created, bool, error)
	register func(ctx context.Context, id string, e store.Expected) (store.Registration, error)
}

func (f *fake) Hint(ctx context.Context, id string) error { return f.hint(ctx, id) }

func (f *fake) Order(ctx context.Context, id string) (store.Order, error) { return f.order(ctx, id) }

func (f *fake) Orders(
	_ context.Context, filter store.Filter, after store.Cursor, limit int,
) ([]store.Order, *store.Cursor, error) {
	return f.orders(filter, after, limit)
}

func (f *fake) History(_ context.Context, id string, after int64, limit int) ([]store.Event, error) {
	return f.history(id, after, limit)
}

func (f *fake) MerchantOrder(_ context.Context, ref string) (store.MerchantOrder, error) {
	return f.merchant(ref)
}

func (f *fake) Refresh(ctx context.Context, id string, maxAge time.Duration) error {
	return f.refresh(ctx, id, maxAge)
}

func (f *fake) Events(_ context.Context, feed string, after int64, limit int) (store.Page, error) {
	return f.events(feed, after, limit)
}

func (f *fake) Extent(context.Context) (store.Extent, error) { return f.extent() }

func (f *fake) Register(ctx context.Context, id string, e store.Expected) (store.Registration, error) {
	return f.register(ctx, id, e)
}

func (f *fake) Operation(_ context.Context, key string) (store.Operation, error) {
	return f.stands(key)
}

func (f *fake) Move(ctx context.Context, a operation.Ask) (store.Operation, bool, error) {
	return f.move(ctx, a)
}

func (f *fake) Create(
	ctx context.Context, key string, o nopayn.NewOrder,
) (operation.Created, bool, error) {
	return f.create(ctx, key, o)
}

// backend is f in every role, with live as the feed.
func (f *fake) backend(live *feed.Tail) handler.Backend {
	return handler.Backend{Hints: f, Orders: f, Looks: f, Money: f, Feed: live}
}

// newFake returns a store that takes every hint and knows one paid order with one event.
func newFake() *fake {
	return &fake{
		hint:  func(context.Context, string) error { return nil },
		order: func(_ context.Context, id string) (store.Order, error) { return paidOrder(id), nil },
		orders: func(store.Filter, store.Cursor, int) ([]store.Order, *store.Cursor, error) {
			return []store.Order{paidOrder(id)}, nil, nil
		},
		history: func(id string, _ int64, _ int) ([]store.Event, error) {
			return []store.Event{paidEvent(id)}, nil
		},
		merchant: func(ref string) (store.MerchantOrder, error) {
			return store.MerchantOrder{
				MerchantOrderID: ref, Fulfillable: true, PaidOrderID: new(id), Orders: []store.Order{paidOrder(id)},
			}, nil
		},
		refresh: func(context.Context, string, time.Duration) error { return nil },
		events: func(_ string, after int64, _ int) (store.Page, error) {
			return store.Page{Feed: "f", Events: []store.Event{paidEvent(id)}, Next: after + 1, Head: after + 1}, nil
		},
		extent: func() (store.Extent, error) { return store.Extent{Feed: "f"}, nil },
		stands: func(key string) (store.Operation, error) { return doneOperation(key), nil },
		move: func(_ context.Context, a operation.Ask) (store.Operation, bool, error) {
			return doneOperation(a.Key), true, nil
		},
		create: func(_ context.Context, _ string, _ nopayn.NewOrder) (operation.Created, bool, error) {
			made := operation.Created{Order: paidOrder(id), OrderURL: "https://pay.example/", Signature: "00"}
			made.PaymentURL = made.OrderURL
			return made, true, nil
		},
		register: func(_ context.Context, id string, e store.Expected) (store.Registration, error) {
			o := paidOrder(id)
			o.Expected = &e
			return store.Registration{Order: o, Created: true}, nil
		},
	}
}

func doneOperation(key string) store.Operation {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)
	return store.Operation{
		Key: key, Kind: store.KindRefund, OrderID: new(id), Amount: new(int64(500)), Status: store.OperationDone,
		RefundID: new("r"), CreatedAt: at, UpdatedAt: at,
	}
}

func paidOrder(id string) store.Order {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)
	return store.Order{
		OrderID: id, Kind: payment.KindPayment, MerchantOrderID: new("shop <1> & 2"), Status: new("completed"),
		State: payment.Paid, Final: true, Settled: true, Fulfillable: true, Holds: []payment.Hold{},
		Amount: new(int64(1295)), Currency: new("EUR"), CreatedAt: &at, FirstSeenAt: at, FirstSeenBy: "webhook",
		CheckedAt: &at, Webhooks: store.WebhookCount{Count: 2, LastAt: &at}, Seq: 1,
		Transactions: []store.Transaction{{ID: "t", Status: "completed", Amount: 1295, Currency: "EUR", CreatedAt: &at}},
	}
}

func paidEvent(id string) store.Event {
	order, err := json.Marshal(paidOrder(id))
	if err != nil {
		panic(err)
	}
	previous := `{"status":"new","state":"pending","amount":1295,"currency":"EUR","fulfillable":false}`
	return store.Event{
		Seq: 1, Type: "order.paid", OrderID: id, Time: paidOrder(id).FirstSeenAt, Source: "webhook",
		Previous: json.RawMessage(previous), Order: order,
	}
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// service is the surface on a loopback port.
type service struct {
	t       testing.TB
	url     string
	log     *logBuffer
	metrics *prometheus.Registry
	client  *http.Client
	server  *httptest.Server
	doc     *openapicheck.Document
	feed    *feed.Tail
}

// config is what most tests run with: one token, and a key for each scope.
func config() handler.Config {
	return handler.Config{
		Keys: []handler.Key{
			{Name: "reads", Scopes: handler.ScopeRead, Secret: reader},
			{Name: "writes", Scopes: handler.ScopeWrite, Secret: writer},
			{Name: "pays", Scopes: handler.ScopeMoney, Secret: cashier},
		},
		WebhookTokens: []string{"another-token-1234", token},
		Version:       "1.2.3",
	}
}

// start serves c on top of f. All that is asked and answered is checked against the OpenAPI document.
func start(t testing.TB, c handler.Config, f *fake) *service {
	t.Helper()
	s := &service{t: t, log: &logBuffer{}, metrics: prometheus.NewRegistry()}
	c.Log = slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Metrics = s.metrics
	s.feed = tail(t, f, c.Log, s.metrics)
	s.server = httptest.NewServer(handler.New(c, f.backend(s.feed)))
	t.Cleanup(s.server.Close)
	t.Cleanup(s.feed.Drain) // first, or Close would wait for the streams
	s.url, s.client = s.server.URL, s.server.Client()
	s.client.Timeout = 10 * time.Second
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var err error
	if s.doc, err = openapicheck.Read(s.do("GET", "/openapi.json", "").body); err != nil {
		t.Fatal(err)
	}
	s.client.Transport = &openapicheck.Transport{
		Base: s.client.Transport, Document: s.doc, Report: func(fault string) { t.Error(fault) },
	}
	return s
}

// tail follows f until the test ends.
func tail(t testing.TB, f *fake, log *slog.Logger, reg prometheus.Registerer) *feed.Tail {
	t.Helper()
	live := feed.New(f, log, reg)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		live.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return live
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

// do sends one request. headers are names and values in turn.
func (s *service) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return s.send(req)
}

func (s *service) send(req *http.Request) answer {
	s.t.Helper()
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res, text}
}

// get reads with a key that may.
func (s *service) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.do("GET", path, "", append(headers, "Authorization", "Bearer "+reader)...)
}

// put registers with a key that may.
func (s *service) put(path, body string, headers ...string) answer {
	s.t.Helper()
	return s.do("PUT", path, body, append(headers, "Authorization", "Bearer "+writer)...)
}

// post asks for something to be done, with a key that may.
func (s *service) post(path, body string, headers ...string) answer {
	s.t.Helper()
	return s.do("POST", path, body, append(headers, "Authorization", "Bearer "+writer)...)
}

// hook posts a webhook with the right token.
func (s *service) hook(body string, headers ...string) answer {
	s.t.Helper()
	return s.do("POST", "/webhooks/costplus/"+token, body, headers...)
}

// wantProblem fails the test unless a is the problem in its full form.
func wantProblem(t testing.TB, a answer, status int, code string) map[string]any {
	t.Helper()
	if a.StatusCode != status || a.Header.Get("Content-Type") != problems {
		t.Fatalf("%s %s: %s %s %s, want a problem with status %d",
			a.Request.Method, a.Request.URL, a.Status, a.Header.Get("Content-Type"), a.body, status)
	}
	if a.Request.Method == http.MethodHead {
		return nil
	}
	var p map[string]any
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	if p["code"] != code || p["status"] != float64(status) || p["title"] != http.StatusText(status) {
		t.Errorf("%s, want status %d, code %s and the status's title", a.body, status, code)
	}
	if p["request_id"] == "" || p["request_id"] != a.Header.Get("X-Request-Id") {
		t.Errorf("request_id %v, header %q: want the same", p["request_id"], a.Header.Get("X-Request-Id"))
	}
	if detail, _ := p["detail"].(string); !strings.HasSuffix(detail, ".") {
		t.Errorf("detail %q is no sentence", detail)
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v, want nosniff and no-store", a.Header)
	}
	return p
}

// wantBody fails the test unless a is a good answer with this status; out receives its body.
func wantBody(t testing.TB, a answer, status int, out any) {
	t.Helper()
	if a.StatusCode != status || a.Header.Get("Content-Type") != jsonType {
		t.Fatalf("%s %s: %s %s %s, want JSON with status %d",
			a.Request.Method, a.Request.URL, a.Status, a.Header.Get("Content-Type"), a.body, status)
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
}

// count is the value of webhookd_webhooks_total for one result.
func (s *service) count(result string) float64 {
	s.t.Helper()
	families, err := s.metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "webhookd_webhooks_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == result {
				return m.GetCounter().GetValue()
			}
		}
	}
	s.t.Fatalf("there is no webhookd_webhooks_total{result=%q}", result)
	return 0
}

// logged returns the log lines with this message.
func (s *service) logged(message string) []map[string]any {
	s.t.Helper()
	var found []map[string]any
	for line := range strings.Lines(s.log.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			s.t.Fatalf("log line %q: %v", line, err)
		}
		if l["msg"] == message {
			found = append(found, l)
		}
	}
	return found
}

// lastLine is the log line of the last request.
func (s *service) lastLine() map[string]any {
	s.t.Helper()
	lines := s.logged("request")
	if len(lines) == 0 {
		s.t.Fatal("nothing was logged")
	}
	return lines[len(lines)-1]
}
