package chaos_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"webhookd/internal/chaos"
)

// TestNotTaken plants orders that must never have been called fulfillable.
func TestNotTaken(t *testing.T) {
	agreed := chaos.Expectation{MerchantOrderID: "A-1", Amount: 1000, Currency: "EUR"}
	other := agreed
	other.Amount++
	for _, c := range []struct {
		name       string
		members    string
		expected   chaos.Expectation
		registered bool
		taken      bool
	}{
		{"paid", `"status":"completed"`, chaos.Expectation{}, false, true},
		{"paid, as registered", `"status":"completed"`, agreed, true, true},
		{"paid, and registered with another amount", `"status":"completed"`, other, true, false},
		{"paid, then refunded", `"status":"completed","flags":["has-refunds"],"refunded_amount":1000`, agreed, true, true},
		{"paid, then charged back", `"status":"completed","chargeback_orders":["x"]`, agreed, true, true},
		{"new", `"status":"new"`, agreed, true, false},
		{"failed", `"status":"error"`, agreed, true, false},
		{"only reserved", `"status":"completed","capture_mode":"manual"`, agreed, true, false},
		{"a refund", `"status":"completed","refund_of_order_id":"x"`, agreed, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := chaos.Order(`{"id":"o","amount":1000,"currency":"EUR","merchant_order_id":"A-1",` + c.members +
				`,"transactions":[{"id":"t","status":"completed","credit_debit":"credit","amount":1000}]}`)
			if err != nil {
				t.Fatal(err)
			}
			if why := chaos.NotTaken(o, c.expected, c.registered); (why == "") != c.taken {
				t.Errorf("says %q, want it taken: %t", why, c.taken)
			}
		})
	}
}

func TestSuspicious(t *testing.T) {
	for line, want := range map[string]bool{
		`{"level":"INFO","msg":"serving"}`: false,
		"panic: runtime error":             true,
		"WARNING: DATA RACE":               true,
		`{"msg":"x","err":"Authorization: chaos-api-secret-0123456789abcdef"}`: true,
		`{"msg":"x","name":"Kanarienvogel"}`:                                   true,
	} {
		if got := chaos.Suspicious(line); got != want {
			t.Errorf("%s: %t, want %t", line, got, want)
		}
	}
}

// TestDrained tells requests that were in hand from those that came too late for a process that stops.
func TestDrained(t *testing.T) {
	from := time.Now()
	to := from.Add(2 * time.Second)
	for _, c := range []struct {
		name  string
		began time.Time
		found int
	}{
		{"in hand", from.Add(-2 * time.Second), 1},
		{"on its way", from.Add(-10 * time.Millisecond), 0},
		{"after the signal", from.Add(time.Millisecond), 0},
	} {
		if found := chaos.Drained(c.began, from, to); len(found) != c.found {
			t.Errorf("%s: %v, want %d findings", c.name, found, c.found)
		}
	}
}

// TestDraw has each fault drawn by seeds that follow one another, never two of one part, and the same by the same seed.
func TestDraw(t *testing.T) {
	first := map[string]bool{}
	for seed := range uint64(3 * len(chaos.Faults())) {
		faults, again := chaos.Draw(seed), chaos.Draw(seed)
		if len(faults) < 2 || len(faults) > 4 {
			t.Errorf("seed %d: %d faults", seed, len(faults))
		}
		parts := map[string]bool{}
		for i, f := range faults {
			if f.Part != "" && parts[f.Part] {
				t.Errorf("seed %d: two faults of %s", seed, f.Part)
			}
			parts[f.Part] = true
			if f.Name != again[i].Name {
				t.Errorf("seed %d drew %s, and then %s", seed, f.Name, again[i].Name)
			}
		}
		first[faults[0].Name] = true
	}
	if len(first) != len(chaos.Faults()) {
		t.Errorf("%d of %d faults had their turn", len(first), len(chaos.Faults()))
	}
	if only := chaos.Draw(7, "kill"); len(only) != 1 || only[0].Name != "kill" {
		t.Errorf("drew %v", only)
	}
}

// TestMeter has the calls of a process taken down as what they are.
func TestMeter(t *testing.T) {
	var paths []string
	meter, calls := chaos.Meter(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.WriteHeader(http.StatusAccepted)
	}))
	for _, c := range []struct{ call, body, op, id, key string }{
		{"GET /v1/orders/o-1/", "", "get", "o-1", ""},
		{"GET /v1/orders/", "", "list", "", ""},
		{"POST /v1/orders/", `{"merchant_order_id":"k-1"}`, "create", "", "k-1"},
		{"POST /v1/orders/o-1/refunds/", `{"description":"k-2"}`, "refund", "o-1", "k-2"},
		{"POST /v1/orders/o-1/transactions/t/captures/amount/", `{"description":"k-3"}`, "capture", "o-1", "k-3"},
		{"POST /v1/orders/o-1/transactions/t/voids/amount/", `{"description":"k-4"}`, "void", "o-1", "k-4"},
		{"POST /v1/tokens/", "", "other", "", ""},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		req := httptest.NewRequestWithContext(t.Context(), method, "/process-7"+path, strings.NewReader(c.body))
		meter.ServeHTTP(httptest.NewRecorder(), req)
		all := calls()
		got := all[len(all)-1]
		said := fmt.Sprint(got.Process, got.Op, got.OrderID, got.Key, got.Status, got.Ended.IsZero())
		if want := fmt.Sprint(7, c.op, c.id, c.key, 202, false); said != want {
			t.Errorf("%s: %s, want %s", c.call, said, want)
		}
		if at := paths[len(paths)-1]; at != path {
			t.Errorf("%s arrived as %s", c.call, at)
		}
	}
}
