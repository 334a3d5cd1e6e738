package handler_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

func TestOneOrder(t *testing.T) {
	f := newFake()
	f.order = func(_ context.Context, asked string) (store.Order, error) {
		if asked != id {
			return store.Order{}, fmt.Errorf("order %s: %w", asked, store.ErrNotFound)
		}
		return paidOrder(asked), nil
	}
	s := start(t, config(), f)
	var got store.Order
	wantBody(t, s.get("/v1/orders/"+id), http.StatusOK, &got)
	if diff := cmp.Diff(paidOrder(id), got); diff != "" {
		t.Errorf("the order differs (-want +got):\n%s", diff)
	}
	wantProblem(t, s.get("/v1/orders/other"), http.StatusNotFound, "not_found")
	if head := s.do("HEAD", "/v1/orders/"+id, "", "Authorization", "Bearer "+reader); head.StatusCode != http.StatusOK ||
		head.Header.Get("ETag") == "" || len(head.body) != 0 {
		t.Errorf("HEAD: %s, ETag %q, %d bytes", head.Status, head.Header.Get("ETag"), len(head.body))
	}
}

// An id that can be no order's is the caller's mistake on every route.
func TestInvalidOrderIDs(t *testing.T) {
	s := start(t, config(), newFake())
	for _, bad := range []string{
		"a.b", "%2e%2e", "a%20b", "a%2fb", "%00", "%0a", "%ff", "ö", "a+b", "a%3fb", strings.Repeat("a", 65), "a%0a",
	} {
		for _, a := range []answer{
			s.put("/v1/orders/"+bad, ""), s.get("/v1/orders/" + bad), s.get("/v1/orders/" + bad + "/history"),
			s.get("/v1/orders/" + bad + "?max_age=1s"), s.post("/v1/orders/"+bad+"/refresh", ""),
		} {
			p := wantProblem(t, a, http.StatusUnprocessableEntity, "invalid")
			if got := p["errors"].([]any)[0].(map[string]any)["location"]; got != "path.id" {
				t.Errorf("%s: named %v, want path.id", a.Request.URL, got)
			}
		}
	}
	for _, good := range []string{"a", "-", "0", strings.Repeat("a", 64), "A_z-9"} {
		if a := s.get("/v1/orders/" + good); a.StatusCode != http.StatusOK {
			t.Errorf("id %s: %s %s", good, a.Status, a.body)
		}
	}
}

func TestETag(t *testing.T) {
	o := paidOrder(id)
	f := newFake()
	f.order = func(context.Context, string) (store.Order, error) { return o, nil }
	s := start(t, config(), f)
	first := s.get("/v1/orders/" + id)
	tag := first.Header.Get("ETag")
	if len(tag) < 10 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		t.Fatalf("ETag %q is no strong validator", tag)
	}
	if got := first.Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
	for _, given := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		a := s.get("/v1/orders/"+id, "If-None-Match", given)
		if a.StatusCode != http.StatusNotModified || len(a.body) != 0 || a.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %s %q, ETag %q", given, a.Status, a.body, a.Header.Get("ETag"))
		}
	}
	if a := s.get("/v1/orders/"+id, "If-None-Match", `"other"`); a.StatusCode != http.StatusOK {
		t.Errorf("another tag: %s, want 200", a.Status)
	}
	for name, change := range map[string]func(){
		"seq":           func() { o.Seq++ },
		"checked_at":    func() { o.CheckedAt = new(o.CheckedAt.Add(time.Microsecond)) },
		"webhooks":      func() { o.Webhooks.Count++ },
		"holds":         func() { o.Holds = []payment.Hold{payment.HoldTestOrder} },
		"next_check_at": func() { o.NextCheckAt = new(time.Unix(9, 0).UTC()) },
	} {
		change()
		a := s.get("/v1/orders/"+id, "If-None-Match", tag)
		if a.StatusCode != http.StatusOK || a.Header.Get("ETag") == tag {
			t.Errorf("%s changed: %s, ETag %s as before", name, a.Status, tag)
		}
		tag = a.Header.Get("ETag")
	}
}

// query is what the store was asked for.
type query struct {
	Filter store.Filter
	After  store.Cursor
	Limit  int
}

func TestOrderFilters(t *testing.T) {
	var got query
	f := newFake()
	f.orders = func(filter store.Filter, after store.Cursor, limit int) ([]store.Order, *store.Cursor, error) {
		got = query{filter, after, limit}
		return []store.Order{}, nil, nil
	}
	s := start(t, config(), f)
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]query{
		"":                                   {Limit: 50},
		"limit=1":                            {Limit: 1},
		"limit=500":                          {Limit: 500},
		"merchant_order_id=shop+1%2F%C3%B8":  {Filter: store.Filter{MerchantOrderID: new("shop 1/ø")}, Limit: 50},
		"state=not_found":                    {Filter: store.Filter{State: new(payment.NotFound)}, Limit: 50},
		"status=see-transactions":            {Filter: store.Filter{Status: new("see-transactions")}, Limit: 50},
		"settled=false&stuck=true":           {Filter: store.Filter{Settled: new(false), Stuck: new(true)}, Limit: 50},
		"fulfillable=true":                   {Filter: store.Filter{Fulfillable: new(true)}, Limit: 50},
		"updated_after=2026-11-23T12:00:00Z": {Filter: store.Filter{UpdatedAfter: &at}, Limit: 50},
		"updated_after=2026-11-23T13:00:00%2B01:00": {
			Filter: store.Filter{UpdatedAfter: &at}, Limit: 50,
		},
	} {
		got = query{}
		var list struct {
			Orders []store.Order
			Next   *string
		}
		wantBody(t, s.get("/v1/orders?"+text), http.StatusOK, &list)
		equal := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		if diff := cmp.Diff(want, got, equal); diff != "" {
			t.Errorf("?%s (-want +got):\n%s", text, diff)
		}
	}
}

// A parameter that does not say what it seems to must not be passed over: less filtered is more shipped.
func TestWrongParameters(t *testing.T) {
	s := start(t, config(), newFake())
	long := strings.Repeat("x", 256)
	for _, c := range []struct{ path, location string }{
		{"/v1/orders?limit=0", "query.limit"},
		{"/v1/orders?limit=501", "query.limit"},
		{"/v1/orders?limit=ten", "query.limit"},
		{"/v1/orders?limit=99999999999999999999", "query.limit"},
		{"/v1/orders?state=shipped", "query.state"},
		{"/v1/orders?state=Paid", "query.state"},
		{"/v1/orders?settled=maybe", "query.settled"},
		{"/v1/orders?settled=1", "query.settled"},
		{"/v1/orders?settled=TRUE", "query.settled"},
		{"/v1/orders?stuck=2", "query.stuck"},
		{"/v1/orders?stuck=f", "query.stuck"},
		{"/v1/orders?fulfillable=yes", "query.fulfillable"},
		{"/v1/orders?fulfillable=", "query.fulfillable"},
		{"/v1/orders?fulfillable", "query.fulfillable"},
		{"/v1/orders?fulfilable=true", "query.fulfilable"},
		{"/v1/orders?fulfillable=true&fulfillable=false", "query.fulfillable"},
		{"/v1/orders?fulfillable=true;state=paid", "query"},
		{"/v1/orders?merchant_order_id=%zz", "query"},
		{"/v1/orders?merchant_order_id=", "query.merchant_order_id"},
		{"/v1/orders?merchant_order_id=%00", "query.merchant_order_id"},
		{"/v1/orders?merchant_order_id=%ff", "query.merchant_order_id"},
		{"/v1/orders?merchant_order_id=" + long, "query.merchant_order_id"},
		{"/v1/orders?status=a%0Ab", "query.status"},
		{"/v1/orders?status=" + long, "query.status"},
		{"/v1/orders?updated_after=yesterday", "query.updated_after"},
		{"/v1/orders?updated_after=2026-11-23", "query.updated_after"},
		{"/v1/orders?updated_after=2026-11-23T12:00:00+01:00", "query.updated_after"}, // + is a space
		{"/v1/orders?cursor=nonsense", "query.cursor"},
		{"/v1/orders?" + long + "=1", "query." + long[:94]},
		{"/v1/events?after=-1", "query.after"},
		{"/v1/events?after=x", "query.after"},
		{"/v1/events?after=9223372036854775808", "query.after"},
		{"/v1/events?limit=501", "query.limit"},
		{"/v1/events?wait=25", "query.wait"},
		{"/v1/events?wait=31s", "query.wait"},
		{"/v1/events?wait=-1s", "query.wait"},
		{"/v1/events?wait=", "query.wait"},
		{"/v1/events?until=final", "query.until"},
		{"/v1/events/stream?after=-1", "query.after"},
		{"/v1/events/stream?after=9223372036854775808", "query.after"},
		{"/v1/events/stream?after=", "query.after"},
		{"/v1/events/stream?limit=1", "query.limit"},
		{"/v1/events/stream?after=1&after=2", "query.after"},
		{"/v1/events?feed=" + long, "query.feed"},
		{"/v1/orders/" + id + "?wait=soon", "query.wait"},
		{"/v1/orders/" + id + "?wait=30.1s", "query.wait"},
		{"/v1/orders/" + id + "?until=final", "query.until"},
		{"/v1/orders/" + id + "?wait=1s&until=paid", "query.until"},
		{"/v1/orders/" + id + "/history?limit=1", "query.limit"},
		{"/v1/orders/" + id + "?max_age=", "query.max_age"},
		{"/v1/orders/" + id + "?max_age=10", "query.max_age"},
		{"/v1/orders/" + id + "?max_age=-1s", "query.max_age"},
		{"/v1/orders/" + id + "?max_age=1d", "query.max_age"},
		{"/v1/orders/" + id + "?max_age=9999999999h", "query.max_age"},
		{"/v1/orders/" + id + "?max_age=1s&max_age=1h", "query.max_age"},
		{"/v1/merchant-orders/%20", "path.ref"},
		{"/v1/merchant-orders/a%00", "path.ref"},
		{"/v1/merchant-orders/" + long, "path.ref"},
		{"/v1/merchant-orders/a?limit=1", "query.limit"},
	} {
		p := wantProblem(t, s.get(c.path), http.StatusUnprocessableEntity, "invalid")
		named := p["errors"].([]any)[0].(map[string]any)
		if named["location"] != c.location || named["message"] == "" || len(p["errors"].([]any)) != 1 {
			t.Errorf("%s: errors %v, want %s alone", c.path, p["errors"], c.location)
		}
		if want := fmt.Sprintf("%s: %s.", named["location"], named["message"]); p["detail"] != want {
			t.Errorf("%s: detail %q, want %q", c.path, p["detail"], want)
		}
	}
	p := wantProblem(t, s.get("/v1/orders?limit=0&state=x&updated_after=yesterday"), http.StatusUnprocessableEntity, "invalid")
	if len(p["errors"].([]any)) != 3 {
		t.Errorf("errors %v, want all three", p["errors"])
	}
}

// TestCursor walks a list of three in pages of one.
func TestCursor(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)
	places := []store.Cursor{{At: at, OrderID: "a_1"}, {At: at, OrderID: strings.Repeat("-", 64)}}
	f := newFake()
	f.orders = func(_ store.Filter, after store.Cursor, _ int) ([]store.Order, *store.Cursor, error) {
		page := []store.Order{paidOrder(id)}
		switch after {
		case store.Cursor{}:
			return page, &places[0], nil
		case places[0]:
			return page, &places[1], nil
		case places[1]:
			return page, nil, nil
		}
		return nil, nil, fmt.Errorf("asked for what is behind %v", after)
	}
	s := start(t, config(), f)
	path, pages := "/v1/orders?limit=1", 0
	for path != "" {
		var page struct {
			Orders []store.Order
			Next   *string
		}
		wantBody(t, s.get(path), http.StatusOK, &page)
		if pages++; pages > 3 || len(page.Orders) != 1 {
			t.Fatalf("page %d has %d orders", pages, len(page.Orders))
		}
		path = ""
		if page.Next != nil {
			if *page.Next != url.QueryEscape(*page.Next) {
				t.Errorf("cursor %q must be escaped in a query", *page.Next)
			}
			path = "/v1/orders?limit=1&cursor=" + *page.Next
		}
	}
	if pages != 3 {
		t.Errorf("%d pages, want 3", pages)
	}
	mark := func(path string) string {
		f.orders = func(store.Filter, store.Cursor, int) ([]store.Order, *store.Cursor, error) {
			return []store.Order{paidOrder(id)}, &places[0], nil
		}
		var page struct{ Next *string }
		wantBody(t, s.get(path), http.StatusOK, &page)
		return *page.Next
	}
	for made, used := range map[string]string{
		"?state=paid":                         "",
		"":                                    "state=paid&",
		"?settled=true":                       "settled=false&",
		"?fulfillable=true":                   "fulfillable=true&settled=true&",
		"?updated_after=2026-11-23T12:00:00Z": "updated_after=2026-11-23T12:00:01Z&",
		"?status=a":                           "state=paid&",
		"?merchant_order_id=a":                "merchant_order_id=b&",
	} {
		cursor := mark("/v1/orders" + made)
		a := s.get("/v1/orders?" + used + "cursor=" + cursor)
		p := wantProblem(t, a, http.StatusUnprocessableEntity, "invalid")
		if named := p["errors"].([]any)[0].(map[string]any)["location"]; named != "query.cursor" {
			t.Errorf("the cursor of %q used with %q: named %v", made, used, named)
		}
	}
	same := "updated_after=2026-11-23T12:00:00Z"
	cursor := mark("/v1/orders?" + same)
	later := "/v1/orders?limit=7&updated_after=2026-11-23T13:00:00%2B01:00&cursor=" + cursor
	if a := s.get(later); a.StatusCode != http.StatusOK {
		t.Errorf("the same filter in other words: %s %s", a.Status, a.body)
	}
	for _, text := range []string{
		"x", "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z ", "2026-11-23T12:00:00Z a/b", "2026-11-23T12:00:00Z a b",
		" a", "today a",
	} {
		word := base64.RawURLEncoding.EncodeToString([]byte(text))
		wantProblem(t, s.get("/v1/orders?cursor="+word), http.StatusUnprocessableEntity, "invalid")
	}
}
