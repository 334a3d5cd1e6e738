package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shop calls a gateway over HTTP, with its key and without following redirects.
type shop struct {
	t    testing.TB
	g    *sandbox.Gateway
	base string
	key  string
	http *http.Client
}

func newShop(t testing.TB, cfg sandbox.Config) *shop {
	t.Helper()
	g, base := sandboxtest.Start(t, cfg)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &shop{t: t, g: g, base: base, key: sandbox.DefaultAPIKey, http: &http.Client{
		Transport:     transport,
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is what the gateway answered.
type reply struct {
	status int
	header http.Header
	text   string
}

func (r reply) object(t testing.TB) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(r.text), &doc); err != nil {
		t.Fatalf("answer is no JSON object: %v\n%s", err, r.text)
	}
	return doc
}

// try makes a request of the API; its error is that of the transport.
func (s *shop) try(method, path, body string) (reply, error) {
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.SetBasicAuth(s.key, "")
	return s.send(req)
}

func (s *shop) send(req *http.Request) (reply, error) {
	res, err := s.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(text)}, err
}

func (s *shop) call(method, path, body string) reply {
	s.t.Helper()
	r, err := s.try(method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// order makes an order with these fields beside amount and currency, and returns its id.
func (s *shop) order(more map[string]any) string {
	s.t.Helper()
	fields := map[string]any{"amount": 1295, "currency": "EUR"}
	for name, value := range more {
		fields[name] = value
	}
	id, err := s.g.Create(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// read returns an order as the API shows it.
func (s *shop) read(id string) map[string]any {
	s.t.Helper()
	r := s.call("GET", "/v1/orders/"+id+"/", "")
	if r.status != http.StatusOK {
		s.t.Fatalf("GET order: status %d, want 200: %s", r.status, r.text)
	}
	return r.object(s.t)
}

func (s *shop) wantStatus(id, status string) {
	s.t.Helper()
	if got := s.read(id)["status"]; got != status {
		s.t.Fatalf("order status is %v, want %s", got, status)
	}
}

// do ends the test if a lever fails.
func (s *shop) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// receiver takes webhooks, and answers them all with one status.
type receiver struct {
	url    string
	events chan map[string]string
}

func newReceiver(t testing.TB, status int) *receiver {
	t.Helper()
	r := &receiver{events: make(chan map[string]string, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var event map[string]string
		if err := json.NewDecoder(req.Body).Decode(&event); err != nil {
			t.Errorf("webhook is no JSON object of strings: %v", err)
		}
		if got := req.Header.Get("Content-Type"); req.Method != http.MethodPost || got != "application/json" {
			t.Errorf("webhook came by %s as %q, want POST as application/json", req.Method, got)
		}
		w.WriteHeader(status)
		r.events <- event
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// next waits for a webhook.
func (r *receiver) next(t testing.TB) map[string]string {
	t.Helper()
	return await(t, r.events)
}

// await receives from a channel, or ends the test if nothing comes.
func await[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came for a minute")
		panic("not reached")
	}
}

// settled waits until so many attempts to deliver the order's webhooks are on record, and returns the log.
func (s *shop) settled(id string, attempts int) []sandbox.Delivery {
	s.t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	deadline := time.After(time.Minute)
	for {
		log := s.g.Deliveries(id)
		made := 0
		for _, d := range log {
			made += len(d.Attempts)
		}
		if made >= attempts {
			return log
		}
		select {
		case <-poll.C:
		case <-deadline:
			s.t.Fatalf("%d attempts were made, want %d: %+v", made, attempts, log)
		}
	}
}
