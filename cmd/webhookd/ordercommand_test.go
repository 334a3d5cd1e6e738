package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
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
		"--updated-after 1h":              {paid, open}, // in the order of their changes
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
	for _, filter := range []string{"--state", "--status", "--merchant-order-id"} { // one that came out empty lists nothing
		status, stdout, stderr = invoke(t, environ, "orders", "list", filter, "")
		name := strings.ReplaceAll(strings.TrimPrefix(filter, "--"), "-", "_")
		if status != 2 || stdout != "" || !strings.Contains(stderr, name) {
			t.Errorf("list with an empty %s: exit status %d, %s%s", filter, status, stdout, stderr)
		}
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

// TestRefreshCommand asks about an order that nobody has named, and then while the gateway fails.
func TestRefreshCommand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	environ := r.environHere(s)
	id := r.create(t, "")
	r.pay(t, id)
	status, stdout, stderr := invoke(t, environ, "orders", "refresh", id)
	if status != 0 || !strings.Contains(stdout, "paid (the gateway says: completed)") {
		t.Errorf("exit status %d, %s%s", status, stdout, stderr)
	}
	r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Refuse(500))
	status, stdout, stderr = invoke(t, environ, "orders", "refresh", id)
	if status != 1 || stdout != "" || !strings.Contains(stderr, "HTTP 502") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("while the gateway fails: exit status %d, %s%s", status, stdout, stderr)
	}
}
