package nopayn_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/nopayn"
)

const (
	canary   = "canary-key-do-not-print"                // must show up in no error
	customer = "ada@example.com"                        // stands for customer data in a document
	basePath = "/gateway"                               // catches URLs built without the base
	asked    = basePath + "/v1/orders/" + orderID + "/" // by GetOrder
	bodyCap  = 1 << 20                                  // of one order
)

// dial makes a client, with what cfg leaves out filled in.
func dial(t *testing.T, cfg nopayn.Config) *nopayn.Client {
	t.Helper()
	if cfg.APIKey == "" {
		cfg.APIKey = canary
	}
	cfg.MerchantID = "merchant-1"
	c, err := nopayn.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// serve runs a gateway below a base path for the length of the test.
func serve(t *testing.T, h http.HandlerFunc) *nopayn.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return dial(t, nopayn.Config{BaseURL: s.URL + basePath, HTTPClient: s.Client()})
}

// respond is an HTTP client without a network.
func respond(f roundTrip) *http.Client { return &http.Client{Transport: f} }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// fixed is a gateway that always says the same.
func fixed(t *testing.T, status int, body string) *nopayn.Client {
	t.Helper()
	return dial(t, nopayn.Config{HTTPClient: respond(func(*http.Request) (*http.Response, error) {
		return answer(status, body), nil
	})})
}

// failure runs GetOrder, which has to fail with an error of type E that betrays nothing.
func failure[E error](t *testing.T, ctx context.Context, c *nopayn.Client) E {
	t.Helper()
	o, err := c.GetOrder(ctx, orderID)
	if o != nil {
		t.Errorf("GetOrder returned an order along with error %v", err)
	}
	typed, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("GetOrder: error %v of type %T, want %T", err, err, typed)
	}
	basic := base64.StdEncoding.EncodeToString([]byte(canary + ":"))
	for _, secret := range []string{canary, basic, customer} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q holds %q", err, secret)
		}
	}
	return typed
}

func TestGetOrderRequest(t *testing.T) {
	raw := fixture(t, "04_order_completed.json")
	var got *http.Request
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Write(raw)
	})
	o, err := c.GetOrder(t.Context(), orderID, nopayn.FieldAmountDetails, nopayn.FieldOrderLineDetails)
	if err != nil {
		t.Fatalf("GetOrder: %v", err)
	}
	if o.ID != orderID || o.Status != nopayn.StatusCompleted {
		t.Errorf("GetOrder = %s %s, want %s completed", o.ID, o.Status, orderID)
	}
	if got.Method != http.MethodGet || got.URL.Path != asked {
		t.Errorf("asked %s %s, want GET %s", got.Method, got.URL.Path, asked)
	}
	if fields := got.URL.Query()["fields[]"]; strings.Join(fields, " ") != "amount_details order_line_details" {
		t.Errorf("fields[] = %q", fields)
	}
	if user, password, ok := got.BasicAuth(); !ok || user != canary || password != "" {
		t.Errorf("BasicAuth = %q, %q, %t, want the key and no password", user, password, ok)
	}
	for name, want := range map[string]string{
		"Accept": "application/json", "User-Agent": "webhookd", "Content-Type": "", "Idempotency-Key": "",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("header %s = %q, want %q", name, value, want)
		}
	}
}

func TestGetOrderWithoutFieldsHasNoQuery(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.RequestURI != asked {
			t.Errorf("asked %s, want %s", r.RequestURI, asked)
		}
		w.Write(fixture(t, "01_order_new_hpp.json"))
	})
	if _, err := c.GetOrder(t.Context(), orderID); err != nil {
		t.Fatalf("GetOrder: %v", err)
	}
}

func TestGetOrderRefusesInvalidIDs(t *testing.T) {
	c := dial(t, nopayn.Config{HTTPClient: respond(func(r *http.Request) (*http.Response, error) {
		t.Errorf("sent a request for %s", r.URL)
		return answer(http.StatusOK, string(minimal(""))), nil
	})})
	for _, id := range []string{"", " ", "..", "../merchants/self", orderID + "/", "o?x", "é", strings.Repeat("a", 65)} {
		if _, err := c.GetOrder(t.Context(), id); !errors.Is(err, nopayn.ErrInvalidID) {
			t.Errorf("GetOrder(%q): error %v, want ErrInvalidID", id, err)
		}
	}
}

func TestValidID(t *testing.T) {
	valid := []string{"0", "-", "_", orderID, "ref_7c7f7b320d0f", "AZaz09", strings.Repeat("a", 64)}
	invalid := []string{"", ".", "a b", "a/b", "a%2Fb", "a\n", "a\x00", "à", strings.Repeat("a", 65)}
	for _, id := range valid {
		if !nopayn.ValidID(id) {
			t.Errorf("ValidID(%q) = false", id)
		}
	}
	for _, id := range invalid {
		if nopayn.ValidID(id) {
			t.Errorf("ValidID(%q) = true", id)
		}
	}
}

func TestOtherOrderIsAnError(t *testing.T) {
	c := fixed(t, http.StatusOK, `{"id":"o-2","status":"completed","amount":1,"currency":"EUR"}`)
	failure[*nopayn.ResponseError](t, t.Context(), c)
}

func TestUnusableAnswers(t *testing.T) {
	tests := map[string]string{
		"empty":        "",
		"HTML":         "<html>" + customer + "</html>",
		"list":         `["` + customer + `"]`,
		"cut JSON":     `{"id":"` + orderID + `","customer":{"email_address":"` + customer,
		"wrong member": `{"id":"` + orderID + `","status":"new","amount":"` + customer + `","currency":"EUR"}`,
		"wrong id":     `{"id":"` + customer + `","status":"new","amount":1,"currency":"EUR"}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			failure[*nopayn.ResponseError](t, t.Context(), fixed(t, http.StatusOK, body))
		})
	}
}

func TestAnswerBound(t *testing.T) {
	start := `{"id":"` + orderID + `","status":"new","amount":1,"currency":"EUR","description":"`
	padded := func(size int) string { return start + strings.Repeat("x", size-len(start)-2) + `"}` }

	if _, err := fixed(t, http.StatusOK, padded(bodyCap)).GetOrder(t.Context(), orderID); err != nil {
		t.Errorf("an answer of exactly 1 MiB: %v", err)
	}
	err := failure[*nopayn.ResponseError](t, t.Context(), fixed(t, http.StatusOK, padded(bodyCap+1)))
	if !errors.Is(err, nopayn.ErrTooLong) || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error %q does not say that the answer is too large", err)
	}
}

func TestEndlessAnswerIsCutOff(t *testing.T) {
	gone := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(gone)
		for block := []byte(strings.Repeat(" ", 1<<16)); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	failure[*nopayn.ResponseError](t, t.Context(), c)
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("the client still reads")
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })

		err := failure[*nopayn.APIError](t, t.Context(), c)
		other.Close()
		if err.StatusCode != status || err.Temporary() {
			t.Errorf("%d: StatusCode = %d, Temporary = %t", status, err.StatusCode, err.Temporary())
		}
		if n := elsewhere.Load(); n != 0 {
			t.Errorf("%d: the other host was asked %d times", status, n)
		}
	}
}

func TestNothingIsRetried(t *testing.T) {
	var calls atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	failure[*nopayn.APIError](t, t.Context(), c)
	if n := calls.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	raw := fixture(t, "04_order_completed.json")
	answers := []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { w.Write(raw) },
		func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"detail":"not found"}`, http.StatusNotFound)
		},
		func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("x", 60_000), http.StatusBadGateway)
		},
		func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("no JSON")) },
	}
	var calls, connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[int(calls.Add(1)-1)%len(answers)](w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := dial(t, nopayn.Config{BaseURL: s.URL}) // with the default transport
	for range 3 * len(answers) {
		_, _ = c.GetOrder(t.Context(), orderID) // most of the answers are failures
	}
	if n := connections.Load(); n != 1 || calls.Load() != int32(3*len(answers)) {
		t.Errorf("%d calls took %d connections, want 1", calls.Load(), n)
	}
}

func TestCutConnection(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		io.WriteString(w, `{"id":"`+orderID+`","customer":"`+customer)
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	err := failure[*nopayn.TransportError](t, t.Context(), c)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want io.ErrUnexpectedEOF in it", err)
	}
}

func TestCutRefusalKeepsItsStatus(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html>")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	if err := failure[*nopayn.APIError](t, t.Context(), c); err.StatusCode != http.StatusBadGateway {
		t.Errorf("StatusCode = %d, want 502", err.StatusCode)
	}
}

func TestNoConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	refused := failure[*nopayn.TransportError](t, t.Context(), dial(t, nopayn.Config{BaseURL: "http://" + address}))
	if !strings.Contains(refused.Error(), "connection refused") {
		t.Errorf("error %q does not name its cause", refused)
	}
}

// TestNoHTTP answers with what may well be the rest of another customer's order.
func TestNoHTTP(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var gateway sync.WaitGroup
	t.Cleanup(func() {
		ln.Close()
		gateway.Wait()
	})
	gateway.Go(func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Read(make([]byte, 4096))
		io.WriteString(conn, `"customer":{"email_address":"`+customer+`","key":"`+canary+`"}}`+"\r\n\r\n")
	})
	failure[*nopayn.TransportError](t, t.Context(), dial(t, nopayn.Config{BaseURL: "http://" + ln.Addr().String()}))
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the key went to a server that nobody vouches for")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	err := failure[*nopayn.TransportError](t, t.Context(), dial(t, nopayn.Config{BaseURL: s.URL}))
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %q does not name its cause", err)
	}
}

func TestDeadline(t *testing.T) {
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	slowBody := func(r *http.Request) (*http.Response, error) {
		res := answer(http.StatusOK, "")
		res.Body = io.NopCloser(stalled{r.Context()})
		return res, nil
	}
	for name, gateway := range map[string]roundTrip{"before the headers": silent, "inside the body": slowBody} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errors.New("budget spent"))
				defer cancel()
				start := time.Now()
				err := failure[*nopayn.TransportError](t, ctx, dial(t, nopayn.Config{HTTPClient: respond(gateway)}))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v, want context.DeadlineExceeded in it", err)
				}
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("took %v, want 10s", took)
				}
			})
		})
	}
}

// stalled is a body that never comes.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestDeadlineOverTheNetwork(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := failure[*nopayn.TransportError](t, ctx, c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want context.DeadlineExceeded in it", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if err := failure[*nopayn.TransportError](t, ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled in it", err)
	}
}
