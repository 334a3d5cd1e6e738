package demoshop_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"webhookd/internal/demoshop"
)

const (
	gatewayKey = "gateway-key-of-the-test"
	serviceKey = "service-key-of-the-test"
	webhookURL = "http://webhookd.test/webhooks/costplus/token-of-the-test"
)

// fakeGateway takes orders and moves their money. Its fields may be set before it is called.
type fakeGateway struct {
	url    string
	status int    // of the answer to a create; 201 if 0
	body   string // of that answer; an order with a page if empty
	lost   int    // so many creates are done, and their answers lost
	noList bool   // refuses to list
	lags   bool   // lists nothing yet; see lag

	moveStatus int    // of the answer to a refund, capture or void; 201 if 0
	moveBody   string // of that answer

	creating chan struct{} // if not nil, a create that has been taken says so here,
	hold     chan struct{} // and is answered once this is closed

	mu       sync.Mutex
	requests []map[string]any // creates; numbers are json.Number
	moves    []string         // path and body
}

func startGateway(t *testing.T) *fakeGateway {
	g := &fakeGateway{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/orders/{$}", g.create)
	mux.HandleFunc("GET /v1/orders/{$}", g.list)
	mux.HandleFunc("GET /v1/orders/{id}/{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"id":%q,"status":"completed","amount":1295,"currency":"EUR",
			"transactions":[{"id":"tx-old"},{"id":"tx-1","is_capturable":true}]}`, r.PathValue("id"))
	})
	mux.HandleFunc("POST /v1/orders/{id}/{rest...}", g.move)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key, password, ok := r.BasicAuth(); !ok || key != gatewayKey || password != "" {
			http.Error(w, "not a request with the key", http.StatusTeapot)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func (g *fakeGateway) create(w http.ResponseWriter, r *http.Request) {
	request := map[string]any{}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	g.requests = append(g.requests, request)
	n := len(g.requests)
	g.mu.Unlock()
	if g.creating != nil {
		g.creating <- struct{}{}
		<-g.hold
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lost > 0 {
		g.lost--
		panic(http.ErrAbortHandler)
	}
	body := g.body
	if body == "" {
		body = g.order(n)
	}
	if g.status == 0 {
		g.status = http.StatusCreated
	}
	w.WriteHeader(g.status)
	_, _ = io.WriteString(w, body)
}

// order is order number n. The caller holds the lock.
func (g *fakeGateway) order(n int) string {
	return fmt.Sprintf(`{"id":"gw-%d","status":"new","amount":1295,"currency":"EUR","merchant_order_id":%q,
		"order_url":"%s/pay/gw-%d/select-payment-method/"}`, n, g.requests[n-1]["merchant_order_id"], g.url, n)
}

// list shows the orders that were made, if creates make any.
func (g *fakeGateway) list(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.noList {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	all := []string{}
	if g.status/100 <= 2 && g.body == "" && !g.lags {
		for n := range g.requests {
			all = append(all, g.order(n+1))
		}
	}
	_, _ = io.WriteString(w, "["+strings.Join(all, ",")+"]")
}

// lag has the list lack the orders, or show them.
func (g *fakeGateway) lag(lags bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lags = lags
}

func (g *fakeGateway) move(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.moves = append(g.moves, r.URL.Path+" "+string(body))
	status := g.moveStatus
	if status == 0 {
		status = http.StatusCreated
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, g.moveBody)
}

// moved are the moves that were asked for.
func (g *fakeGateway) moved() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.moves)
}

func (g *fakeGateway) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.requests)
}

// last is the newest create request.
func (g *fakeGateway) last(t *testing.T) map[string]any {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.requests) == 0 {
		t.Fatal("the gateway was not called")
	}
	return g.requests[len(g.requests)-1]
}

// fakeService is webhookd. Its fields may be set before it is called.
type fakeService struct {
	url    string
	broken bool // answers 503 to everything
	holds  bool // answers back, when it is asked to wait; else it does not know what that is

	mu         sync.Mutex
	registered map[string]string // body by id
	orders     map[string]string // JSON by id
	histories  map[string]string // JSON by id
	news       chan struct{}     // closed at the next change
	waited     int               // how often it held an answer back
	refreshed  []string          // ids
}

func startService(t *testing.T) *fakeService {
	s := &fakeService{
		registered: map[string]string{}, orders: map[string]string{}, histories: map[string]string{},
		news: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/orders/{id}", s.register)
	mux.HandleFunc("GET /v1/orders/{id}", s.show)
	mux.HandleFunc("POST /v1/orders/{id}/refresh", s.refresh)
	mux.HandleFunc("GET /v1/orders/{id}/history", s.history)
	mux.HandleFunc("GET /v1/orders", s.list)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case r.Header.Get("Authorization") != "Bearer "+serviceKey:
			http.Error(w, "no key", http.StatusUnauthorized)
		case s.broken:
			http.Error(w, "down", http.StatusServiceUnavailable)
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *fakeService) register(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id := r.PathValue("id")
	s.registered[id] = string(body)
	s.orders[id] = `{"order_id":"` + id + `","status":null,"state":"unverified","holds":["unverified"]}`
	s.histories[id] = `{"events":[]}`
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, s.orders[id])
}

func (s *fakeService) refresh(w http.ResponseWriter, r *http.Request) {
	s.refreshed = append(s.refreshed, r.PathValue("id"))
	s.show(w, r)
}

func (s *fakeService) refreshes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refreshed)
}

// show answers like webhookd: with a tag, with 304 to whoever has it, with 422 to a parameter it does not know, and if
// it is one that holds answers back, when the tag has changed.
func (s *fakeService) show(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("wait") {
		if !s.holds {
			http.Error(w, "unknown query parameter", http.StatusUnprocessableEntity)
			return
		}
		s.await(r)
	}
	text, ok := s.orders[r.PathValue("id")]
	tag := fmt.Sprintf("%q", fmt.Sprint(crc32.ChecksumIEEE([]byte(text))))
	switch {
	case !ok:
		http.Error(w, "unknown", http.StatusNotFound)
	case r.Header.Get("If-None-Match") == tag:
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", tag)
		_, _ = io.WriteString(w, text)
	}
}

// await returns at the next change. The caller holds the lock.
func (s *fakeService) await(r *http.Request) {
	s.waited++
	news := s.news
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-news:
	case <-r.Context().Done():
	}
}

func (s *fakeService) history(w http.ResponseWriter, r *http.Request) {
	text, ok := s.histories[r.PathValue("id")]
	if !ok {
		http.Error(w, "unknown", http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(w, text)
}

func (s *fakeService) list(w http.ResponseWriter, _ *http.Request) {
	var all []string
	for _, o := range s.orders {
		all = append(all, o)
	}
	_, _ = io.WriteString(w, `{"orders":[`+strings.Join(all, ",")+`],"next":null}`)
}

// set gives an order and its events, as JSON.
func (s *fakeService) set(id, order, events string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders[id], s.histories[id] = order, `{"events":[`+events+`]}`
	close(s.news)
	s.news = make(chan struct{})
}

func (s *fakeService) waits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waited
}

func (s *fakeService) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.orders, id)
}

func (s *fakeService) setBroken(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

func (s *fakeService) registration(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registered[id]
}

// fakeControl is the sandbox's other side.
type fakeControl struct {
	url string

	mu         sync.Mutex
	broken     bool
	calls      []string // method, path and body
	active     string   // JSON of the faults
	deliveries map[string]string
}

func startControl(t *testing.T) *fakeControl {
	c := &fakeControl{deliveries: map[string]string{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *fakeControl) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	switch call := r.Method + " " + r.URL.Path; call {
	case "GET /sandbox/faults":
		_, _ = io.WriteString(w, `{"faults":[`+c.active+`]}`)
	case "GET /sandbox/webhooks":
		_, _ = io.WriteString(w, `{"deliveries":[`+c.deliveries[r.URL.Query().Get("order_id")]+`]}`)
	default:
		if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "no JSON", http.StatusUnsupportedMediaType)
			return
		}
		c.calls = append(c.calls, strings.TrimSpace(call+" "+string(body)))
		w.WriteHeader(http.StatusNoContent)
	}
}

func (c *fakeControl) set(change func(*fakeControl)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// told is the last thing that it was told to do; empty if there was none.
func (c *fakeControl) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) == 0 {
		return ""
	}
	return c.calls[len(c.calls)-1]
}

// street is a shop with its neighbours and a customer, who follows no redirects.
type street struct {
	shop     string
	gateway  *fakeGateway
	service  *fakeService
	control  *fakeControl // nil for a shop without a sandbox
	customer *http.Client
}

func newStreet(t *testing.T) *street {
	t.Helper()
	return openStreet(t, nil, demoshop.New)
}

func newStreetWithControl(t *testing.T) *street {
	t.Helper()
	return openStreet(t, startControl(t), demoshop.New)
}

func openStreet(t *testing.T, control *fakeControl, open func(demoshop.Config) (http.Handler, error)) *street {
	t.Helper()
	s := &street{gateway: startGateway(t), service: startService(t), control: control}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r) // which is made once the address is known
	}))
	t.Cleanup(server.Close)
	config := demoshop.Config{
		PublicURL:  server.URL,
		GatewayURL: s.gateway.url, GatewayKey: gatewayKey,
		ServiceURL: s.service.url, ServiceKey: serviceKey,
		WebhookURL: webhookURL,
	}
	if control != nil {
		config.ControlURL = control.url
	}
	var err error
	if handler, err = open(config); err != nil {
		t.Fatal(err)
	}
	s.shop = server.URL
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.customer = server.Client()
	s.customer.Jar = jar
	s.customer.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (s *street) do(t *testing.T, req *http.Request) answer {
	t.Helper()
	res, err := s.customer.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (s *street) get(t *testing.T, path string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.shop+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.do(t, req)
}

// pay sends the form of the product page.
func (s *street) pay(t *testing.T, form url.Values, header ...string) answer {
	t.Helper()
	return s.post(t, "/pay", form, header...)
}

func (s *street) post(t *testing.T, path string, form url.Values, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.shop+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return s.do(t, req)
}

// checkout is the form of the product page for a new order.
func checkout(amount, currency string) url.Values {
	return url.Values{"number": {"DEMO-" + rand.Text()[:12]}, "amount": {amount}, "currency": {currency}}
}

// order places an order and returns its reference and the gateway's id.
func (s *street) order(t *testing.T) (ref, id string) {
	t.Helper()
	if a := s.pay(t, checkout("9.95", "EUR")); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /pay: %s\n%s", a.Status, a.body)
	}
	return s.gateway.last(t)["merchant_order_id"].(string), fmt.Sprintf("gw-%d", s.gateway.count())
}
