package main

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// tellLimit is what most of another replica's events may take to whoever follows: half a second, and as much again
// three times for a slow machine that is busy with other tests.
const tellLimit = 2 * time.Second

// TestServesThroughAPooler starts two replicas at once on an empty database, both of them through a PgBouncer in
// transaction mode, and has them do all that the service does.
func TestServesThroughAPooler(t *testing.T) {
	t.Parallel()
	r := newRigOn(t, pg.Pooled(t, pg.Empty(t)))
	a, b := r.launch(t), r.launch(t)
	a.ready(t)
	b.ready(t)
	// Hints, looks and the order.
	id := r.create(t, a.hookURL())
	if code := a.api(t, "PUT", "/v1/orders/"+id, `{"amount":1295,"currency":"EUR"}`, nil); code != 201 {
		t.Fatalf("PUT was answered %d", code)
	}
	r.pay(t, id)
	a.becomes(t, id, "paid")
	// A refresh, and money that moves once, whichever replica is asked.
	if code := b.api(t, "POST", "/v1/orders/"+id+"/refresh", "", nil); code != 200 {
		t.Errorf("the refresh was answered %d", code)
	}
	if code, op := a.refund(t, refundKey, id, 500); code != 201 || op.Status != "done" {
		t.Errorf("the refund was answered %d %+v", code, op)
	}
	if code, op := b.refund(t, refundKey, id, 500); code != 200 || op.Status != "done" {
		t.Errorf("the repeated refund was answered %d %+v", code, op)
	}
	b.becomes(t, id, "partially_refunded")
	// Many at once, on both.
	var senders sync.WaitGroup
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = r.create(t, "")
		r.pay(t, ids[i])
		s := []*instance{a, b}[i%2]
		senders.Go(func() { s.accepted(t, ids[i]) })
	}
	senders.Wait()
	for _, id := range ids {
		a.becomes(t, id, "paid")
	}
	if events := b.feed(t); !slices.Equal(eventTypes(events, ids[0]), []string{"order.paid"}) {
		t.Errorf("events %v", eventTypes(events, ids[0]))
	}
	for _, s := range []*instance{a, b} {
		if code := s.stop(); code != 0 {
			t.Errorf("the service stopped with %d", code)
		}
	}
}

func eventTypes(events []event, id string) []string {
	var types []string
	for _, e := range events {
		if e.OrderID == id {
			types = append(types, e.Type)
		}
	}
	return types
}

// TestTheFeedOfAnotherReplicaThroughAPooler measures what events of one replica take to whoever follows another.
func TestTheFeedOfAnotherReplicaThroughAPooler(t *testing.T) {
	t.Parallel()
	r := newRigOn(t, pg.Pooled(t, pg.New(t)))
	a, b := r.start(t), r.start(t)
	var took []time.Duration
	for n := range 8 {
		arrived := make(chan time.Time, 1)
		go func() {
			defer func() { arrived <- time.Now() }() // also if the call fails the test
			var p page
			if code := b.api(t, "GET", fmt.Sprintf("/v1/events?after=%d&wait=25s", n), "", &p); code != 200 {
				t.Errorf("the long-poll was answered %d", code)
			}
		}()
		id := r.create(t, "")
		r.pay(t, id)
		sent := time.Now()
		a.accepted(t, id)
		took = append(took, (<-arrived).Sub(sent))
	}
	t.Logf("events were told %v after their webhooks were sent to the other replica", took)
	slices.Sort(took)
	if most := took[len(took)/2]; most > tellLimit {
		t.Errorf("most events were told %s or more after their webhooks were sent to the other replica", most)
	}
}
