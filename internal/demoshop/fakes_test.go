package demoshop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
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

// fakeGateway takes orders. Its fields may be set before it is called.
type fakeGateway struct {
	url    string
	status int    // of the answer; 201 if 0
	body   string // of the answer; an order with a page if empty

	mu       sync.Mutex
	requests []map[string]any // numbers are json.Number
}

func startGateway(t *testing.T) *fakeGateway {
	g := &fakeGateway{}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func (g *fakeGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, password, ok := r.BasicAuth()
	if r.Method != http.MethodPost || r.URL.Path != "/v1/orders/" || !ok || key != gatewayKey || password != "" {
		http.Error(w, "not a create request with the key", http.StatusTeapot)
		return
	}
	request := map[string]any{}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = append(g.requests, request)
	id := fmt.Sprintf("gw-%d", len(g.requests))
	body := g.body
	if body == "" {
		body = fmt.Sprintf(`{"id":%q,"order_url":"%s/pay/%s/select-payment-method/"}`, id, g.url, id)
	}
	if g.status == 0 {
		g.status = http.StatusCreated
	}
	w.WriteHeader(g.status)
	_, _ = io.WriteString(w, body)
}

func (g *fakeGateway) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.requests)
}

// last is the newest request.
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

	mu         sync.Mutex
	registered map[string]string // body by id
	orders     map[string]string // JSON by id
	histories  map[string]string // JSON by id
}

func startService(t *testing.T) *fakeService {
	s := &fakeService{registered: map[string]string{}, orders: map[string]string{}, histories: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/orders/{id}", s.register)
	mux.HandleFunc("GET /v1/orders/{id}", show(s.orders))
	mux.HandleFunc("GET /v1/orders/{id}/history", show(s.histories))
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

func show(from map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := from[r.PathValue("id")]
		if !ok {
			http.Error(w, "unknown", http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, text)
	}
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

// street is a shop with its neighbours and a customer, who follows no redirects.
type street struct {
	shop     string
	gateway  *fakeGateway
	service  *fakeService
	customer *http.Client
}

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{gateway: startGateway(t), service: startService(t)}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r) // which is made once the address is known
	}))
	t.Cleanup(server.Close)
	handler = demoshop.New(demoshop.Config{
		PublicURL:  server.URL,
		GatewayURL: s.gateway.url, GatewayKey: gatewayKey,
		ServiceURL: s.service.url, ServiceKey: serviceKey,
		WebhookURL: webhookURL,
	})
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

func (s *street) post(t *testing.T, form url.Values, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.shop+"/pay", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return s.do(t, req)
}

func checkout(amount, currency string) url.Values {
	return url.Values{"amount": {amount}, "currency": {currency}}
}

// order places an order and returns its reference and the gateway's id.
func (s *street) order(t *testing.T) (ref, id string) {
	t.Helper()
	if a := s.post(t, checkout("9.95", "EUR")); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /pay: %s\n%s", a.Status, a.body)
	}
	return s.gateway.last(t)["merchant_order_id"].(string), fmt.Sprintf("gw-%d", s.gateway.count())
}
