package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// problem is what the tests read of a refusal.
type problem struct {
	status     int
	retryAfter string
}

// ask calls the API and says how it was answered.
func (s *instance) ask(ctx context.Context, method, path string) (problem, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, http.NoBody)
	if err != nil {
		return problem{}, err
	}
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	res, err := s.client.Do(req)
	if err != nil {
		return problem{}, err
	}
	defer res.Body.Close()
	return problem{res.StatusCode, res.Header.Get("Retry-After")}, nil
}

// crowd asks for an order fifty times at once, by refresh and with ages of all sorts, of the instances in turn.
func crowd(t *testing.T, id string, instances ...*instance) []problem {
	t.Helper()
	asks := []struct{ method, path string }{
		{"GET", "?max_age=0s"}, {"POST", "/refresh"}, {"GET", "?max_age=1s"}, {"GET", "?max_age=10s"},
	}
	answers := make([]problem, 50)
	var callers sync.WaitGroup
	for i := range answers {
		callers.Go(func() {
			ask := asks[i%len(asks)]
			var err error
			answers[i], err = instances[i%len(instances)].ask(t.Context(), ask.method, "/v1/orders/"+id+ask.path)
			if err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	return answers
}

// TestCallersAtOnceAreOneFetch has fifty callers want an order at once that nobody has heard of, from one replica and
// from two: the gateway is asked once, and all of them are answered with the order.
func TestCallersAtOnceAreOneFetch(t *testing.T) {
	for _, replicas := range []int{1, 2} {
		t.Run(fmt.Sprint(replicas, " at work"), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			var instances []*instance
			for range replicas {
				instances = append(instances, r.start(t))
			}
			id := r.create(t, "")
			r.pay(t, id)
			defer r.gateway.Break(sandbox.OpGet, id, 0, sandbox.Slow(5*time.Second))()
			for _, a := range crowd(t, id, instances...) {
				if a.status != 200 {
					t.Fatalf("one of the callers was answered %d", a.status)
				}
			}
			if n := r.gateway.Calls(sandbox.OpGet, id); n != 1 {
				t.Errorf("the gateway was asked %d times", n)
			}
			s := instances[0]
			o, _ := s.order(t, id)
			if events := s.feed(t); o.State != "paid" || o.FirstSeenBy != "refresh" || len(events) != 1 ||
				events[0].Source != "refresh" {
				t.Errorf("order %+v, events %+v", o, events)
			}
		})
	}
}

// TestRefreshOverHTTP goes through what a refresh, and a read that bears only what is fresh, can be answered.
func TestRefreshOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t, "GATEWAY_TIMEOUT=3s")
	id := r.create(t, "")
	want := func(what, path string, status int) {
		t.Helper()
		for _, method := range []string{"POST", "GET"} {
			at := path + "/refresh"
			if method == "GET" {
				at = path + "?max_age=0s"
			}
			a, err := s.ask(t.Context(), method, at)
			must(t, err)
			if a.status != status || (a.retryAfter != "") != (status == 503) {
				t.Errorf("%s: %s was answered %d, Retry-After %q; want %d", what, method, a.status, a.retryAfter, status)
			}
		}
	}
	want("an order", "/v1/orders/"+id, 200)
	want("no order", "/v1/orders/nobody-knows-it", 404)
	if left := r.column(t, "select order_id from checks where order_id <> '"+id+"'"); len(left) > 0 {
		t.Errorf("ids that nobody else named are kept: %v", left)
	}
	if code := s.api(t, "GET", "/v1/orders/"+id+"?max_age=1h", "", nil); code != 200 {
		t.Errorf("a fresh order was answered %d", code)
	}
	if n := r.gateway.Calls(sandbox.OpGet, id); n != 2 {
		t.Errorf("the gateway was asked %d times for three reads of which one bears an old answer", n)
	}
	lift := r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Empty(500))
	want("the gateway fails", "/v1/orders/"+id, 502)
	lift()
	lift = r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Hang())
	want("the gateway hangs", "/v1/orders/"+id, 504)
	lift()
	lift = r.gateway.Break(sandbox.OpGet, "", 0, sandbox.Empty(500))
	defer lift()
	eventually(t, "the breaker opens", func() bool {
		a, err := s.ask(t.Context(), "POST", "/v1/orders/"+id+"/refresh")
		must(t, err)
		return a.status == 503
	})
	want("the breaker is open", "/v1/orders/"+id, 503)
	if o, ok := s.order(t, id); !ok || o.State != "pending" {
		t.Errorf("a plain read in the meantime: %+v", o)
	}
}

// TestReadsOfAShopOrder pays one shop order twice, and reads of it in all ways there are.
func TestReadsOfAShopOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	const ref = "2026/11 #17 – ø?"
	var ids []string
	for range 2 {
		id := r.create(t, "", map[string]any{"merchant_order_id": ref})
		r.pay(t, id)
		s.accepted(t, id)
		s.becomes(t, id, "paid")
		ids = append(ids, id)
	}
	var m struct {
		Fulfillable bool    `json:"fulfillable"`
		PaidOrderID string  `json:"paid_order_id"`
		PaidTwice   bool    `json:"paid_twice"`
		Orders      []order `json:"orders"`
	}
	code := s.api(t, "GET", "/v1/merchant-orders/"+url.PathEscape(ref), "", &m)
	if code != 200 || !m.Fulfillable || m.PaidOrderID != ids[0] || !m.PaidTwice || len(m.Orders) != 2 {
		t.Errorf("verdict %d %+v, want it paid by %s", code, m, ids[0])
	}
	var listed []string
	next := "/v1/orders?limit=1&merchant_order_id=" + url.QueryEscape(ref)
	for page := next; page != ""; {
		var p struct {
			Orders []order `json:"orders"`
			Next   string  `json:"next"`
		}
		if code := s.api(t, "GET", page, "", &p); code != 200 {
			t.Fatalf("the list was answered %d", code)
		}
		for _, o := range p.Orders {
			listed = append(listed, o.OrderID)
		}
		page = ""
		if p.Next != "" {
			page = next + "&cursor=" + p.Next
		}
	}
	slices.Reverse(listed)
	if !slices.Equal(listed, ids) {
		t.Errorf("listed are %v, want %v backwards", listed, ids)
	}
	var history struct{ Events []event }
	if code := s.api(t, "GET", "/v1/orders/"+ids[1]+"/history", "", &history); code != 200 || len(history.Events) == 0 ||
		!slices.Contains(history.Events[len(history.Events)-1].Order.Holds, "paid_twice") {
		t.Errorf("history %d %+v", code, history)
	}
}
