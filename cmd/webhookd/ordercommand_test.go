package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// environHere is the environment of a running service, as its own machine's operator has it.
func (r *rig) environHere(s *instance) []string {
	addr := func(url string) string { return strings.TrimPrefix(url, "http://") }
	return r.environ("LISTEN_ADDR="+addr(s.url), "ADMIN_ADDR="+addr(s.admin))
}

func TestOrderCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	paid, open := r.create(t, "", map[string]any{"merchant_order_id": "A-17\x1b[2J"}), r.create(t, "")
	r.pay(t, paid)
	s.accepted(t, paid)
	s.becomes(t, paid, "paid")
	s.accepted(t, open)
	s.becomes(t, open, "pending")
	environ := r.environHere(s)

	status, stdout, stderr := invoke(t, environ, "orders", "get", paid)
	for _, fact := range []string{paid, "A-17", "paid (the gateway says: completed)", "yes", "12.95 EUR"} {
		if !strings.Contains(stdout, fact) {
			t.Errorf("get does not say %q: exit status %d\n%s%s", fact, status, stdout, stderr)
		}
	}
	if strings.Contains(stdout, "\x1b") {
		t.Error("a shop's reference gets at the terminal")
	}
	_, stdout, _ = invoke(t, environ, "orders", "get", "--json", paid)
	var o order
	if err := json.Unmarshal([]byte(stdout), &o); err != nil || o.OrderID != paid || strings.Count(stdout, "\n") != 1 {
		t.Errorf("get --json: %v\n%s", err, stdout)
	}
	for args, want := range map[string][]string{
		"":                                {open, paid},
		"--fulfillable":                   {paid},
		"--no-fulfillable":                {open},
		"--state pending":                 {open},
		"--status completed":              {paid},
		"--no-settled --no-stuck":         {open},
		"--updated-after 1h":              {open, paid},
		"--updated-after 2099-01-01T0:0Z": nil,
		"--merchant-order-id unheard-of":  {},
		"--limit 1":                       {open},
		"--limit 1 --all":                 {open, paid},
	} {
		r.lists(t, environ, strings.Fields(args), want)
	}
	status, _, stderr = invoke(t, environ, "orders", "get", "unheard-of")
	if status != 1 || !strings.Contains(stderr, "(not_found, HTTP 404, request ") {
		t.Errorf("get of nothing: exit status %d, %s", status, stderr)
	}
	status, _, stderr = invoke(t, environ, "orders", "list", "--state", "payd")
	if status != 1 || !strings.Contains(stderr, "query.state") {
		t.Errorf("list of no state: exit status %d, %s", status, stderr)
	}
	if status, _, _ = invoke(t, environ, "orders", "list", "--state", ""); status != 1 {
		t.Error("a filter that came out empty lists everything")
	}
}

// lists runs orders list in both forms, which must show these orders and no others. No list at all is wrong use.
func (r *rig) lists(t *testing.T, environ, filters, want []string) {
	t.Helper()
	args := append([]string{"orders", "list"}, filters...)
	status, table, stderr := invoke(t, environ, args...)
	if want == nil {
		if status != 2 {
			t.Errorf("%q: exit status %d", filters, status)
		}
		return
	}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if status != 0 || !strings.HasPrefix(lines[0], "ORDER ") || len(lines) != len(want)+1 {
		t.Errorf("%q: exit status %d, not %d lines:\n%s%s", filters, status, len(want), table, stderr)
		return
	}
	_, text, _ := invoke(t, environ, append(args, "--json")...)
	decoder := json.NewDecoder(strings.NewReader(text))
	for i, id := range want {
		var o order
		if err := decoder.Decode(&o); err != nil || o.OrderID != id || !strings.HasPrefix(lines[i+1], id) {
			t.Errorf("%q: order %d is not %s (%v):\n%s%s", filters, i, id, err, table, text)
		}
	}
	if decoder.More() {
		t.Errorf("%q --json lists more than the table", filters)
	}
}

// TestListPages has more orders than the service lists at once.
func TestListPages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	const orders = maxPage + 7
	for n := range orders {
		if code := s.api(t, "PUT", fmt.Sprintf("/v1/orders/order-%d", n), "{}", nil); code != 201 {
			t.Fatalf("register: %d", code)
		}
	}
	environ := r.environHere(s)
	for args, want := range map[string]int{"--all": orders, "--limit 503": 503, "": 50} {
		status, stdout, stderr := invoke(t, environ, append([]string{"orders", "list", "--json"}, strings.Fields(args)...)...)
		seen := map[string]bool{}
		for line := range strings.Lines(stdout) {
			seen[line] = true
		}
		if status != 0 || len(seen) != want {
			t.Errorf("%q: exit status %d, %d orders, want %d", args, status, len(seen), want)
		}
		if more := strings.Contains(stderr, "there are more"); more != (want < orders) {
			t.Errorf("%q: stderr %q", args, stderr)
		}
	}
}

func TestRefreshCommand(t *testing.T) {
	t.Parallel()
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.String()
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"order_id":"x-1","state":"paid","fulfillable":true,"amount":1295,"currency":"JPY"}`))
	}))
	t.Cleanup(server.Close)
	status, stdout, stderr := invoke(t, nil, "orders", "refresh", "x-1", "--url", server.URL)
	if status != 0 || asked != "POST /v1/orders/x-1/refresh" || !strings.Contains(stdout, "1295 JPY") {
		t.Errorf("exit status %d, asked %q, %s%s", status, asked, stdout, stderr)
	}
}
