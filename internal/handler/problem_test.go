package handler_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/store"
)

func TestMethods(t *testing.T) {
	s := start(t, config(), newFake())
	for path, allow := range map[string]string{
		"/v1/orders":                    "GET, HEAD, POST",
		"/v1/orders/" + id:              "GET, HEAD, PUT",
		"/v1/orders/" + id + "/history": "GET, HEAD",
		"/v1/events":                    "GET, HEAD",
		"/openapi.json":                 "GET, HEAD",
	} {
		for _, method := range []string{"DELETE", "PATCH", "POST", "OPTIONS", "BREW"} {
			if strings.Contains(allow, method) {
				continue
			}
			a := s.do(method, path, "")
			wantProblem(t, a, http.StatusMethodNotAllowed, "method_not_allowed")
			if got := a.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, path, got, allow)
			}
		}
	}
	wantProblem(t, s.do("HEAD", "/nothing", ""), http.StatusNotFound, "not_found")
}

// Errors of the store that say that the database is away are 503; any other is our fault.
func TestStoreErrors(t *testing.T) {
	refused := func(code string) error { return &pgconn.PgError{Code: code, Message: inner} }
	for _, c := range []struct {
		err    error
		status int
	}{
		{errors.New(inner), http.StatusInternalServerError},
		{refused("42601"), http.StatusInternalServerError}, // wrong syntax
		{refused("42P01"), http.StatusServiceUnavailable},  // no such table: not migrated yet
		{refused("22021"), http.StatusInternalServerError},
		{refused(""), http.StatusInternalServerError},
		{refused("08006"), http.StatusServiceUnavailable},
		{refused("25006"), http.StatusServiceUnavailable}, // read only
		{refused("40001"), http.StatusServiceUnavailable},
		{refused("53300"), http.StatusServiceUnavailable}, // too many connections
		{refused("57P01"), http.StatusServiceUnavailable}, // shutting down
		{refused("57P03"), http.StatusServiceUnavailable}, // starting up
		{&pgconn.ConnectError{}, http.StatusServiceUnavailable},
		{&net.OpError{Op: "read", Err: errors.New(inner)}, http.StatusServiceUnavailable},
		{context.DeadlineExceeded, http.StatusServiceUnavailable},
		{io.ErrUnexpectedEOF, http.StatusServiceUnavailable},
		{net.ErrClosed, http.StatusServiceUnavailable},
	} {
		f := failing(fmt.Errorf("%s: %w", inner, c.err))
		s := start(t, config(), f)
		answers := everyOperation(s)
		for _, a := range answers {
			if c.status == http.StatusInternalServerError {
				wantProblem(t, a, c.status, "internal")
			} else {
				wantProblem(t, a, c.status, "database_unavailable")
			}
			if got := a.Header.Get("Retry-After"); (got != "") != (c.status == http.StatusServiceUnavailable) {
				t.Errorf("%v: status %d with Retry-After %q", c.err, c.status, got)
			}
			if strings.Contains(string(a.body), inner) {
				t.Errorf("the inner error's text got out: %s", a.body)
			}
		}
		lines := s.logged("request")[1:] // the first is the document's
		if len(lines) != len(answers) {
			t.Fatalf("%d lines for %d requests", len(lines), len(answers))
		}
		for _, line := range lines {
			want := map[int]string{http.StatusInternalServerError: "ERROR", http.StatusServiceUnavailable: "WARN"}[c.status]
			if text, _ := line["error"].(string); !strings.Contains(text, inner) || line["level"] != want {
				t.Errorf("%v: logged %v, want level %s and the inner error", c.err, line, want)
			}
		}
	}
}

// failing returns a store that fails with err.
func failing(err error) *fake {
	return &fake{
		hint:  func(context.Context, string) error { return err },
		order: func(context.Context, string) (store.Order, error) { return store.Order{}, err },
		orders: func(store.Filter, store.Cursor, int) ([]store.Order, *store.Cursor, error) {
			return nil, nil, err
		},
		history:  func(string, int64, int) ([]store.Event, error) { return nil, err },
		events:   func(string, int64, int) (store.Page, error) { return store.Page{}, err },
		merchant: func(string) (store.MerchantOrder, error) { return store.MerchantOrder{}, err },
		refresh:  func(context.Context, string, time.Duration) error { return err },
		extent:   func() (store.Extent, error) { return store.Extent{}, err },
		stands:   func(string) (store.Operation, error) { return store.Operation{}, err },
		move: func(context.Context, operation.Ask) (store.Operation, bool, error) {
			return store.Operation{}, true, err
		},
		create: func(context.Context, string, nopayn.NewOrder) (operation.Created, bool, error) {
			return operation.Created{}, true, err
		},
		register: func(context.Context, string, store.Expected) (store.Registration, error) {
			return store.Registration{}, err
		},
	}
}

// everyOperation calls each operation of /v1 once, as it should be.
func everyOperation(s *service) []answer {
	s.t.Helper()
	return []answer{
		s.put("/v1/orders/"+id, `{"amount":1}`), s.get("/v1/orders/" + id), s.get("/v1/orders"),
		s.get("/v1/orders/" + id + "/history"), s.get("/v1/events"), s.get("/v1/merchant-orders/A-17"),
		s.get("/v1/orders/" + id + "?max_age=10s"), s.post("/v1/orders/"+id+"/refresh", ""),
		s.post("/v1/orders", `{"amount":1,"currency":"EUR"}`), s.get("/v1/operations/" + aKey),
		s.pay("/v1/orders/"+id+"/refunds", `{"amount":1}`, "Idempotency-Key", aKey),
		s.pay("/v1/orders/"+id+"/captures", `{"amount":1}`, "Idempotency-Key", aKey),
		s.pay("/v1/orders/"+id+"/voids", `{"amount":1}`, "Idempotency-Key", aKey),
	}
}

func TestPanic(t *testing.T) {
	f := newFake()
	f.order = func(context.Context, string) (store.Order, error) { panic(inner) }
	f.hint = func(context.Context, string) error { panic(inner) }
	s := start(t, config(), f)
	for _, a := range []answer{s.get("/v1/orders/" + id), s.hook(webhook)} {
		if a.StatusCode != http.StatusInternalServerError || strings.Contains(string(a.body), inner) {
			t.Errorf("%s %s, want a 500 that keeps the panic to itself", a.Status, a.body)
		}
	}
	wantProblem(t, s.get("/v1/orders/"+id), http.StatusInternalServerError, "internal")
	panics, lines := s.logged("handler panicked"), s.logged("request")
	if len(panics) != 3 || !strings.Contains(panics[0]["stack"].(string), "problem_test.go") {
		t.Errorf("logged %d panics, want 3 with a stack that leads here", len(panics))
	}
	last := lines[len(lines)-1]
	if last["level"] != "ERROR" || last["error"] != "panic: string" || last["status"] != 500.0 ||
		last["request_id"] != panics[2]["request_id"] {
		t.Errorf("logged %v, want an error with the panic and its id", last)
	}
}

// An answer that a panic cuts off must not look whole.
func TestPanicInTheMiddle(t *testing.T) {
	f := newFake()
	f.events = func(string, int64, int) (store.Page, error) {
		broken := paidEvent(id)
		broken.Order = []byte("{") // cannot be encoded
		return store.Page{Events: []store.Event{broken}}, nil
	}
	s := start(t, config(), f)
	req, err := http.NewRequest("GET", s.url+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+reader)
	res, err := s.client.Do(req)
	if err == nil {
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
	}
	if err == nil {
		t.Error("the answer came to its end, want it broken off")
	}
	// The client may have tried twice.
	if len(s.logged("handler panicked")) == 0 {
		t.Error("the panic is not logged")
	}
}

func TestRequestID(t *testing.T) {
	s := start(t, config(), newFake())
	made := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for given, kept := range map[string]bool{
		"":                         false,
		"a":                        true,
		"A.b_c-9":                  true,
		strings.Repeat("x", 64):    true,
		strings.Repeat("x", 65):    false,
		"a b":                      false,
		"a,b":                      false,
		`a"b`:                      false,
		"ø":                        false,
		"<script>":                 false,
		"00-4bf92f3577b34da6-00f0": true,
	} {
		for _, path := range []string{"/v1/orders/" + id, "/v1/orders?limit=0", "/nothing", "/webhooks/costplus/" + token} {
			got := s.get(path, "X-Request-Id", given).Header.Get("X-Request-Id")
			if kept && got != given || !kept && !made.MatchString(got) {
				t.Errorf("%s: X-Request-Id %q came back as %q", path, given, got)
			}
			if line := s.lastLine(); line["request_id"] != got {
				t.Errorf("%s: logged with request_id %v, answered with %q", path, line["request_id"], got)
			}
		}
	}
}

func TestRequestLog(t *testing.T) {
	s := start(t, config(), newFake())
	s.get("/v1/orders/" + id)
	line := s.lastLine()
	for name, want := range map[string]any{
		"level": "DEBUG", "method": "GET", "route": "/v1/orders/{id}", "status": 200.0, "key": "reads",
		"client": "127.0.0.1",
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if line["duration_seconds"].(float64) <= 0 {
		t.Errorf("duration_seconds %v", line["duration_seconds"])
	}
	s.do("BREW", "/coffee/"+inner, "")
	if line := s.lastLine(); line["method"] != "other" || line["route"] != "unmatched" {
		t.Errorf("logged %v, want nothing of the client's invention", line)
	}
	if got := len(s.logged("request")); got != 3 { // with the document
		t.Errorf("%d lines for 3 requests", got)
	}
}

// A client that hangs up is nobody's fault.
func TestClientGone(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	f := newFake()
	f.order = func(asked context.Context, _ string) (store.Order, error) {
		hangUp()
		<-asked.Done()
		return store.Order{}, fmt.Errorf("read: %w", asked.Err())
	}
	s := start(t, config(), f)
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/orders/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+reader)
	if _, err := s.client.Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("the request ended with %v, want it canceled", err)
	}
	s.server.Close() // returns when the handler has
	if line := s.lastLine(); line["level"] != "INFO" || line["code"] != "client_gone" || line["status"] != 499.0 {
		t.Errorf("logged %v, want an info line with code client_gone", line)
	}
}
