package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"webhookd/internal/store"
)

// snapshot is the order as an event shows it.
func snapshot(t testing.TB, e store.Event) (o store.Order) {
	t.Helper()
	if err := json.Unmarshal(e.Order, &o); err != nil {
		t.Fatalf("event %d: %v", e.Seq, err)
	}
	return o
}

// previous is what an event says of the order before it.
func previous(t testing.TB, e store.Event) (p store.Previous) {
	t.Helper()
	if err := json.Unmarshal(e.Previous, &p); err != nil {
		t.Fatalf("event %d: %v", e.Seq, err)
	}
	return p
}

func TestPromise3_StateAndEventTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, anOrder, store.Expected{Amount: new(int64(1295))})
	b.see(t, document(t, fixtureProcessing, created(time.Now()), modified(time.Now().Add(-time.Minute))))
	pending := b.order(t, anOrder)
	b.see(t, document(t, fixturePaid, modified(time.Now())))
	events := b.feed(t)
	if got := types(events); got != "order.pending order.paid" {
		t.Fatalf("feed %q", got)
	}
	if p := previous(t, events[0]); p.State != "unverified" || p.Status != nil || p.Fulfillable {
		t.Errorf("before the first event: %s", mustJSON(t, p))
	}
	if got, want := mustJSON(t, snapshot(t, events[0])), mustJSON(t, pending); got != want {
		t.Errorf("first snapshot\n%s\nwant the order as it was then\n%s", got, want)
	}
	p := previous(t, events[1])
	if p.State != "pending" || *p.Status != "processing" || *p.Amount != 1295 || *p.Currency != "EUR" || p.Fulfillable {
		t.Errorf("before the second event: %s", mustJSON(t, p))
	}
	if s := snapshot(t, events[1]); s.State != "paid" || !s.Fulfillable || s.Seq != 2 || len(s.Transactions) != 1 {
		t.Errorf("second snapshot %s", mustJSON(t, s))
	}
	for _, e := range events {
		if e.OrderID != anOrder || *e.MerchantOrderID != "ORDER-001" || e.Source != "webhook" || snapshot(t, e).Seq != e.Seq {
			t.Errorf("event %s", mustJSON(t, e))
		}
		if age := time.Since(e.Time); age < -time.Minute || age > time.Minute || e.Time.Location() != time.UTC {
			t.Errorf("time of the event: %v", e.Time)
		}
	}
	if o := b.order(t, anOrder); o.Seq != 2 {
		t.Errorf("seq of the order %d", o.Seq)
	}
}

func TestFirstEventOfAnUnknownOrderHasNoPrevious(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	if e := b.feed(t)[0]; string(e.Previous) != "null" {
		t.Errorf("previous %s", e.Previous)
	}
}

// TestStateAndEventFailTogether breaks the feed: the order must not change either.
func TestStateAndEventFailTogether(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]string{
		"the feed":   `alter table events add check (type <> 'order.paid')`,
		"the orders": `alter table orders add check (state <> 'paid')`,
		"the checks": `alter table checks add check (not known)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.hint(t, anOrder)
			c := b.claimOne(t)
			b.exec(t, breakIt)
			if _, err := b.Apply(t.Context(), answered(c, document(t, fixturePaid))); err == nil {
				t.Fatal("Apply says nothing")
			}
			if _, err := b.Order(t.Context(), anOrder); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the order after a failed commit: %v", err)
			}
			if head := one[int64](t, b, `select head from feed`); head != 0 || len(b.feed(t)) != 0 {
				t.Errorf("the feed is at %d after a failed commit", head)
			}
			b.exec(t, `update checks set due_at = now()`)
			b.claimOne(t)
		})
	}
}

// TestPromise4_FeedIsDenseAndInTheOrderOfCommits has readers follow the feed while two stores write to it.
func TestPromise4_FeedIsDenseAndInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	const orders, rounds = 40, 6
	var ids []string
	for i := range orders {
		ids = append(ids, fmt.Sprintf("order-%d", i))
	}
	a.hint(t, ids...)
	claims := a.claimByID(t)

	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() { follow(t, []*bench{a, b}[i%2], 7+i*100, done) })
	}
	for i, id := range ids {
		s := []*bench{a, b}[i%2]
		writers.Go(func() {
			for n := range rounds {
				// A description that changes is an event each time.
				doc := paid(t, id, with("description", fmt.Sprint(n)))
				if _, err := s.Apply(t.Context(), answered(claims[id], doc)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if n := len(a.feed(t)); n != orders*rounds {
		t.Errorf("%d events, want %d", n, orders*rounds)
	}
}

// follow reads the feed to its end, and fails the test at the first gap or repetition.
func follow(t *testing.T, b *bench, limit int, done <-chan struct{}) {
	at, last := int64(0), time.Time{}
	for {
		stopping := false
		select {
		case <-done:
			stopping = true
		default:
		}
		page, err := b.Events(t.Context(), "", at, limit)
		if err != nil {
			t.Error(err)
			return
		}
		for i, e := range page.Events {
			if e.Seq != at+int64(i)+1 {
				t.Errorf("after %d came %d", at+int64(i), e.Seq)
				return
			}
			if e.Time.Before(last) {
				t.Errorf("event %d is of %v, and the one before of %v", e.Seq, e.Time, last)
			}
			last = e.Time
		}
		at += int64(len(page.Events))
		if page.Next != at || page.Head < at || page.HasMore != (page.Head > at) {
			t.Errorf("at %d: next %d, head %d, has more %t", at, page.Next, page.Head, page.HasMore)
		}
		if stopping && !page.HasMore {
			return
		}
	}
}

func TestEventsPagesAndEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page, err := b.Events(t.Context(), "", 0, 10)
	if err != nil || len(page.Events) != 0 || page.Next != 0 || page.Head != 0 || page.HasMore {
		t.Errorf("empty feed: %+v, %v", page, err)
	}
	for _, id := range []string{"a", "b", "c"} {
		b.see(t, paid(t, id))
	}
	for _, c := range []struct {
		after     int64
		limit     int
		n         int
		next      int64
		more, bad bool
	}{
		{0, 2, 2, 2, true, false},
		{2, 2, 1, 3, false, false},
		{3, 2, 0, 3, false, false},
		{0, 3, 3, 3, false, false},
		{4, 2, 0, 0, false, true},
	} {
		page, err := b.Events(t.Context(), "", c.after, c.limit)
		var gone *store.GoneError
		if errors.As(err, &gone) != c.bad {
			t.Errorf("after %d: %v", c.after, err)
		}
		if !c.bad && (len(page.Events) != c.n || page.Next != c.next || page.HasMore != c.more || page.Head != 3) {
			t.Errorf("after %d with limit %d: %+v", c.after, c.limit, page)
		}
	}
}

func TestFeedHasAnIdentity(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	url := pg.Empty(t) // a copy of the template would have its identity
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	other := newBenchWith(t, url, defaultRules())
	id := func(b *bench) string {
		page, err := b.Events(t.Context(), "", 0, 1)
		if err != nil || len(page.Feed) != 36 {
			t.Fatalf("feed %q, %v", page.Feed, err)
		}
		return page.Feed
	}
	before := id(a)
	a.see(t, document(t, fixturePaid))
	if id(a) != before || id(b) != before {
		t.Error("the feed's identity changes")
	}
	if id(other) == before {
		t.Error("two databases have one identity")
	}
	if _, err := b.Events(t.Context(), before, 0, 1); err != nil {
		t.Errorf("naming the right feed: %v", err)
	}
	var gone *store.GoneError
	if _, err := b.Events(t.Context(), id(other), 0, 1); !errors.As(err, &gone) {
		t.Errorf("naming another feed: %v, want a GoneError", err)
	}
}

func TestHistoryIsOfOneOrderOldestFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, paid(t, "a"))
	b.see(t, paid(t, "b"))
	b.see(t, paid(t, "a", with("description", "changed")))
	events, err := b.History(t.Context(), "a", 0, 1000)
	if err != nil || types(events) != "order.paid order.changed" || events[0].Seq != 1 || events[1].Seq != 3 {
		t.Errorf("history %s, %v", mustJSON(t, events), err)
	}
	if part, err := b.History(t.Context(), "a", 0, 1); err != nil || len(part) != 1 || part[0].Seq != 1 {
		t.Errorf("the first event alone: %s, %v", mustJSON(t, part), err)
	}
	if part, err := b.History(t.Context(), "a", 1, 1); err != nil || len(part) != 1 || part[0].Seq != 3 {
		t.Errorf("the event after that: %s, %v", mustJSON(t, part), err)
	}
	if part, err := b.History(t.Context(), "a", 3, 1); err != nil || len(part) != 0 {
		t.Errorf("after the last: %s, %v", mustJSON(t, part), err)
	}
	b.register(t, "c", store.Expected{})
	if events, err := b.History(t.Context(), "c", 0, 1000); err != nil || len(events) != 0 {
		t.Errorf("history of an order without events: %v, %v", events, err)
	}
	if _, err := b.History(t.Context(), "nobody", 0, 1000); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("history of an unknown order: %v", err)
	}
}

func TestExtent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, id := range []string{"a", "b", "c"} {
		b.see(t, paid(t, id))
	}
	b.exec(t, `update events set time = now() - interval '2 hours' where seq = 1`)
	if n, _, err := b.PruneEvents(t.Context(), time.Hour); n != 1 || err != nil {
		t.Fatalf("pruned %d, %v", n, err)
	}
	page, err := b.Events(t.Context(), "", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Extent(t.Context())
	if want := (store.Extent{Feed: page.Feed, Floor: 1, Head: 3}); x != want || err != nil {
		t.Errorf("extent %+v, %v, want %+v", x, err, want)
	}
	for _, c := range []struct {
		feed  string
		after int64
		gone  bool
	}{{"", 1, false}, {x.Feed, 3, false}, {"", 0, true}, {"", 4, true}, {"other", 2, true}} {
		var gone *store.GoneError
		if err := x.Continue(c.feed, c.after); errors.As(err, &gone) != c.gone || (err != nil) != c.gone {
			t.Errorf("continue %q after %d: %v", c.feed, c.after, err)
		}
	}
}

// TestOnEvents counts the calls: one after each commit with events, when they can be read, and none after others.
func TestOnEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var heads []int64
	b.OnEvents(func() {
		x, err := b.Extent(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Error(err)
		}
		heads = append(heads, x.Head)
	})
	doc := paid(t, "a")
	b.register(t, "a", store.Expected{})
	b.see(t, doc)
	b.see(t, doc) // nothing new
	b.fail(t, b.claimNow(t, "a"), 0)
	b.register(t, "a", store.Expected{Amount: new(int64(1))}) // a mismatch
	if !slices.Equal(heads, []int64{1, 2}) {
		t.Errorf("told at %v, want 1 and 2", heads)
	}
}
