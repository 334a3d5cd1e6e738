package nopayn_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/nopayn"
)

// hour is a period to list.
func hour() (since, until time.Time) { return at("09:00:00"), at("10:00:00") }

func TestListOrdersRequest(t *testing.T) {
	rome := time.FixedZone("", 2*3600)
	tests := map[string]struct {
		since, until time.Time
		want         url.Values
	}{
		"whole seconds": {
			at("09:00:00"), at("09:30:00"),
			url.Values{"created_since": {"2026-03-02T09:00:00Z"}, "created_until": {"2026-03-02T09:30:00Z"}},
		},
		"parts widen the period": {
			at("09:00:00.9"), at("09:30:00.1"),
			url.Values{"created_since": {"2026-03-02T09:00:00Z"}, "created_until": {"2026-03-02T09:30:01Z"}},
		},
		"another zone": {
			at("09:00:00").In(rome), at("09:30:00").In(rome),
			url.Values{"created_since": {"2026-03-02T09:00:00Z"}, "created_until": {"2026-03-02T09:30:00Z"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != basePath+"/v1/orders/" {
					t.Errorf("asked %s %s", r.Method, r.URL.Path)
				}
				if diff := cmp.Diff(tt.want, r.URL.Query()); diff != "" {
					t.Errorf("query differs (-want +got):\n%s", diff)
				}
				if user, _, _ := r.BasicAuth(); user != canary {
					t.Errorf("user = %q, want the key", user)
				}
				w.Write([]byte("[]"))
			})
			orders, err := c.ListOrders(t.Context(), tt.since, tt.until)
			if err != nil || len(orders) != 0 {
				t.Errorf("ListOrders = %v, %v, want no orders and no error", orders, err)
			}
		})
	}
}

func TestListOrdersFixture(t *testing.T) {
	since, until := hour()
	got, err := fixed(t, http.StatusOK, string(fixture(t, "21_orders_list.json"))).ListOrders(t.Context(), since, until)
	if err != nil {
		t.Fatalf("ListOrders: %v", err)
	}
	second := orderID[:len(orderID)-1] + "2"
	want := []nopayn.Order{
		completed(asIs),
		order(func(o *nopayn.Order) {
			o.ID, o.MerchantOrderID = second, ""
			o.OrderURL = strings.ReplaceAll(payPage, orderID, second)
		}),
	}
	if diff := cmp.Diff(want, got, withoutRaw(), compactJSON()); diff != "" {
		t.Errorf("orders differ (-want +got):\n%s", diff)
	}
	for _, o := range got {
		again, err := nopayn.ParseOrder(o.Raw)
		if err != nil {
			t.Fatalf("ParseOrder(Raw) of %s: %v", o.ID, err)
		}
		if diff := cmp.Diff(&o, again); diff != "" {
			t.Errorf("Raw of %s reads otherwise (-listed +again):\n%s", o.ID, diff)
		}
	}
}

func TestListOrdersKeepsTheGoodOnes(t *testing.T) {
	const unreadable = `{"id":"o-2","modified":"2026-03-02T09:15:04Z","status":7,"customer":"` + customer + `"}`
	good := string(minimal(""))
	since, until := hour()
	tests := map[string]struct {
		body    string
		missing bool // an entry is left out
	}{
		"all with an id":       {`[` + good + `, ` + unreadable + ` ]`, false},
		"one without":          {`[{"id":7},` + good + `,` + unreadable + `]`, true},
		"one with a bad id":    {`[` + good + `,{"id":"` + customer + `"},` + unreadable + `]`, true},
		"one that is no order": {`[` + good + `,` + unreadable + `,"` + customer + `"]`, true},
		"one null":             {`[null,` + good + `,` + unreadable + `]`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := fixed(t, http.StatusOK, tt.body).ListOrders(t.Context(), since, until)
			want := []nopayn.Order{
				{ID: "o-1", Status: nopayn.StatusCompleted, Amount: 1295, Currency: "EUR", Raw: []byte(good)},
				{ID: "o-2", Modified: at("09:15:04"), Raw: []byte(unreadable)},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("orders differ (-want +got):\n%s", diff)
			}
			if !tt.missing {
				if err != nil {
					t.Errorf("ListOrders: %v", err)
				}
				return
			}
			bad, ok := errors.AsType[*nopayn.ResponseError](err)
			if !ok || !strings.Contains(bad.Error(), "1 of 3") || strings.Contains(bad.Error(), customer) {
				t.Errorf("error %v, want a ResponseError that counts 1 of 3 and quotes nothing", err)
			}
		})
	}
}

func TestListOrdersFailures(t *testing.T) {
	since, until := hour()
	for name, body := range map[string]string{
		"an object": `{"orders":[]}`, "null": `null`, "cut": `[{"id":"o-1"`, "empty": ``,
	} {
		orders, err := fixed(t, http.StatusOK, body).ListOrders(t.Context(), since, until)
		bad, ok := errors.AsType[*nopayn.ResponseError](err)
		if !ok || bad.Operation != "list_orders" || orders != nil {
			t.Errorf("%s: ListOrders = %v, %v, want a ResponseError of list_orders", name, orders, err)
		}
	}
	_, err := fixed(t, http.StatusForbidden, `{"message":"no permission"}`).ListOrders(t.Context(), since, until)
	if refused, ok := errors.AsType[*nopayn.APIError](err); !ok || refused.StatusCode != http.StatusForbidden {
		t.Errorf("403: error %v, want an APIError with that status", err)
	}
}

func TestListOrdersRefusesAPeriodBackwards(t *testing.T) {
	c := dial(t, nopayn.Config{HTTPClient: respond(func(*http.Request) (*http.Response, error) {
		t.Error("sent a request")
		return answer(http.StatusOK, "[]"), nil
	})})
	since, until := hour()
	if _, err := c.ListOrders(t.Context(), until, since); err == nil {
		t.Error("ListOrders accepted a period that ends before it begins")
	}
}

// TestListOrdersBound lists more than one order may take, and less than a list may.
func TestListOrdersBound(t *testing.T) {
	since, until := hour()
	body := "[" + strings.Repeat(string(minimal(`"description":"`+strings.Repeat("x", 1000)+`"`))+",", 3000) +
		string(minimal("")) + "]"
	if len(body) < 2*bodyCap {
		t.Fatalf("the list has %d bytes, too few to show anything", len(body))
	}
	orders, err := fixed(t, http.StatusOK, body).ListOrders(t.Context(), since, until)
	if err != nil || len(orders) != 3001 {
		t.Errorf("ListOrders = %d orders, %v, want 3001", len(orders), err)
	}
	_, err = fixed(t, http.StatusOK, "["+strings.Repeat(" ", 64<<20)+"]").ListOrders(t.Context(), since, until)
	if _, ok := errors.AsType[*nopayn.ResponseError](err); !ok {
		t.Errorf("a list over 64 MiB: error %v, want a ResponseError", err)
	}
}
