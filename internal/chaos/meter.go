package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Call is one call of the gateway's API by the service.
type Call struct {
	Process int    // who called
	Op      string // "get", "list", "create", "refund", "capture", "void" or "other"
	OrderID string
	Key     string // of an operation: the shop sends its key along as description or reference
	Began   time.Time
	Ended   time.Time // when the answer was out, or the caller had left; zero while under way
	Status  int       // of the answer; 0 if none went out
}

// meter stands before the gateway and records every call. Each process has a base address of its own, by which its
// calls are told from those of others.
type meter struct {
	gateway http.Handler

	mu    sync.Mutex
	calls []*Call
}

func (m *meter) baseURL(gateway string, process int) string {
	return fmt.Sprintf("%s/process-%d", gateway, process)
}

// ServeHTTP passes a call on, without the process in its path.
func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := regexp.MustCompile(`^/process-(\d+)(/.*)$`).FindStringSubmatch(r.URL.Path)
	if parts == nil {
		m.gateway.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller has left before it said what it wanted
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.URL.Path, r.URL.RawPath = parts[2], ""
	c := newCall(r, body)
	c.Process, _ = strconv.Atoi(parts[1])
	m.mu.Lock()
	m.calls = append(m.calls, c)
	m.mu.Unlock()
	end := sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		c.Ended = time.Now()
	})
	stop := context.AfterFunc(r.Context(), end) // a caller that leaves has ended its call, whatever we still do
	answer := &meteredAnswer{ResponseWriter: w}
	defer func() {
		stop()
		end()
		m.mu.Lock()
		defer m.mu.Unlock()
		c.Status = answer.status
	}()
	m.gateway.ServeHTTP(answer, r)
}

func newCall(r *http.Request, body []byte) *Call {
	c := &Call{Op: "other", Began: time.Now()}
	parts := regexp.MustCompile(`^/v1/orders/?([^/]*)/?(.*?)/?$`).FindStringSubmatch(r.URL.Path)
	if parts == nil {
		return c
	}
	c.OrderID = parts[1]
	var asked struct {
		Description     string `json:"description"`
		MerchantOrderID string `json:"merchant_order_id"`
	}
	_ = json.Unmarshal(body, &asked) // what is no JSON has no key
	c.Key = asked.Description
	movement := regexp.MustCompile(`(refund|capture|void)s(/amount)?$`).FindStringSubmatch(parts[2])
	switch {
	case movement != nil:
		c.Op = movement[1]
	case r.Method == http.MethodGet && c.OrderID != "":
		c.Op = "get"
	case r.Method == http.MethodGet:
		c.Op = "list"
	case r.Method == http.MethodPost && c.OrderID == "":
		c.Op, c.Key = "create", asked.MerchantOrderID
	}
	return c
}

// all returns the calls so far.
func (m *meter) all() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := make([]Call, len(m.calls))
	for i, c := range m.calls {
		calls[i] = *c
	}
	return calls
}

// meteredAnswer notes the status of an answer.
type meteredAnswer struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (a *meteredAnswer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer went out.
func (a *meteredAnswer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets faults reach the connection.
func (a *meteredAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
