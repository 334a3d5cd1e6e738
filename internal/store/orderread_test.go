package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// list gives the ids of all orders that the filter selects, in pages of the size given.
func (b *bench) list(t testing.TB, f store.Filter, limit int) []string {
	t.Helper()
	var ids []string
	var cursor store.Cursor
	for {
		orders, next, err := b.Orders(t.Context(), f, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(orders) > limit || next != nil && len(orders) < limit {
			t.Fatalf("a page of %d has %d orders, and more follow: %t", limit, len(orders), next != nil)
		}
		for _, o := range orders {
			ids = append(ids, o.OrderID)
		}
		if next == nil {
			return ids
		}
		cursor = *next
	}
}

func TestOrdersFilters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, paid(t, "paid"))
	b.see(t, paid(t, "pending", with("status", "processing"), created(time.Now())))
	b.see(t, paid(t, "failed", with("status", "error"), created(time.Now())))
	b.see(t, paid(t, "stuck", with("status", "new")))
	b.see(t, paid(t, "twice", with("merchant_order_id", "ref-paid")))
	b.register(t, "registered", store.Expected{})
	b.exec(t, `update orders set updated_at = now() - interval '1 hour' where order_id in ('paid', 'stuck')`)
	hourAgo := time.Now().Add(-30 * time.Minute)
	for name, c := range map[string]struct {
		filter store.Filter
		want   string // newest first
	}{
		"all":             {store.Filter{}, "registered twice stuck failed pending paid"},
		"reference":       {store.Filter{MerchantOrderID: new("ref-paid")}, "twice paid"},
		"no reference":    {store.Filter{MerchantOrderID: new("nobody's")}, ""},
		"state":           {store.Filter{State: new(payment.Pending)}, "stuck pending"},
		"status":          {store.Filter{Status: new("processing")}, "pending"},
		"settled":         {store.Filter{Settled: new(true)}, "twice paid"},
		"not settled":     {store.Filter{Settled: new(false)}, "registered stuck failed pending"},
		"stuck":           {store.Filter{Stuck: new(true)}, "stuck"},
		"not stuck":       {store.Filter{Stuck: new(false)}, "registered twice failed pending paid"},
		"fulfillable":     {store.Filter{Fulfillable: new(true)}, "paid"},
		"not fulfillable": {store.Filter{Fulfillable: new(false)}, "registered twice stuck failed pending"},
		"updated after":   {store.Filter{UpdatedAfter: &hourAgo}, "pending failed twice registered"}, // by change
		"several": {
			store.Filter{State: new(payment.Paid), MerchantOrderID: new("ref-paid"), Fulfillable: new(false)}, "twice",
		},
	} {
		for _, limit := range []int{1, 2, 100} {
			if got := strings.Join(b.list(t, c.filter, limit), " "); got != c.want {
				t.Errorf("%s, in pages of %d: %q, want %q", name, limit, got, c.want)
			}
		}
	}
}

// TestPagingByChange turns pages while orders change: each of them comes, and those that changed meanwhile come again.
func TestPagingByChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	start := time.Now().Add(-time.Hour)
	b.fill(t, 30)
	b.exec(t, `update orders set updated_at = $1::timestamptz + seq * interval '1 second'`, start)
	f := store.Filter{UpdatedAfter: &start}
	var cursor store.Cursor
	times := map[string]int{}
	for page := 0; ; page++ {
		orders, next, err := b.Orders(t.Context(), f, cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			times[o.OrderID]++
		}
		if next == nil {
			break
		}
		cursor = *next
		if page == 0 {
			b.exec(t, `update orders set updated_at = now() where order_id in ('order-1', 'order-30')`)
		}
	}
	if len(times) != 30 || times["order-1"] != 2 || times["order-2"] != 1 || times["order-30"] != 1 {
		t.Errorf("how often each came: %v; want all once, and order-1 again since it changed", times)
	}
}

// TestPagingNeitherSkipsNorRepeats turns pages while orders come in, many of which were first seen at the same moment.
func TestPagingNeitherSkipsNorRepeats(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	insert := func(name string, n int, seen string) {
		b.exec(t, `with made as (
				insert into checks (order_id, cause, first_seen_by)
				select $1 || '-' || i, 'poll', 'sweep' from generate_series(1, $2) i returning order_id
			)
			insert into orders (order_id, state, first_seen_at, first_seen_by, updated_at)
			select order_id, 'unverified', `+seen+`, 'sweep', now() from made`, name, n)
	}
	insert("old", 50, "date_trunc('hour', now())")
	var got []string
	var cursor store.Cursor
	for page := 0; ; page++ {
		orders, next, err := b.Orders(t.Context(), store.Filter{}, cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			got = append(got, o.OrderID)
		}
		if next == nil {
			break
		}
		cursor = *next
		insert(fmt.Sprint("new-", page), 3, "now()")
		b.exec(t, `update orders set updated_at = now(), seq = seq + 1`)
	}
	want := make(map[string]bool)
	for i := range 50 {
		want[fmt.Sprintf("old-%d", i+1)] = true
	}
	for _, id := range got {
		if !want[id] {
			t.Errorf("%s is listed twice, or came after the first page", id)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("left out: %v", want)
	}
}

// TestFulfillableInSQLIsTheRuleInGo compares the filter with what the orders themselves say, under every policy.
func TestFulfillableInSQLIsTheRuleInGo(t *testing.T) {
	t.Parallel()
	url := pg.New(t)
	var stores []*bench
	for i := range 4 {
		rules := defaultRules()
		rules.Policy = payment.Policy{AllowTestOrders: i&1 > 0, RequireRegistration: i&2 > 0}
		stores = append(stores, newBenchWith(t, url, rules))
	}
	made := 0
	rapid.Check(t, func(r *rapid.T) {
		b := stores[rapid.IntRange(0, 3).Draw(r, "store")]
		made++
		id, ref := fmt.Sprintf("order-%d", made), fmt.Sprintf("ref-%d", made-rapid.IntRange(0, 2).Draw(r, "sharing"))
		look := func() { b.see(t, paid(t, id, append(anyEdits(r), with("merchant_order_id", ref))...)) }
		expected := store.Expected{
			Amount:   rapid.SampledFrom([]*int64{nil, new(int64(1295)), new(int64(1))}).Draw(r, "amount"),
			Currency: rapid.SampledFrom([]*string{nil, new("EUR"), new("NOK")}).Draw(r, "currency"),
		}
		when := rapid.SampledFrom([]string{"before", "after", "never"}).Draw(r, "registered")
		if when == "before" {
			b.register(t, id, expected)
		}
		look()
		if rapid.Bool().Draw(r, "changes") {
			look()
		}
		if when == "after" {
			b.register(t, id, expected)
		}
		for _, s := range stores {
			s.compareFulfillable(t, ref)
		}
	})
}

// compareFulfillable fails unless the filter selects those of a reference's orders that are fulfillable.
func (b *bench) compareFulfillable(t testing.TB, ref string) {
	t.Helper()
	all, _, err := b.Orders(t.Context(), store.Filter{MerchantOrderID: &ref}, store.Cursor{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	want := map[bool][]string{}
	for _, o := range all {
		want[o.Fulfillable] = append(want[o.Fulfillable], o.OrderID)
	}
	for _, f := range []bool{true, false} {
		if got := b.list(t, store.Filter{MerchantOrderID: &ref, Fulfillable: &f}, 100); !slices.Equal(got, want[f]) {
			t.Fatalf("fulfillable=%t selects %q, and %q are: %s", f, got, want[f], mustJSON(t, all))
		}
	}
}

// anyEdits makes a paid order into one of many kinds.
func anyEdits(r *rapid.T) []edit {
	flags := []string{}
	for _, f := range []string{"is-test", "has-refunds", "has-captures", "has-voids", "is-refund"} {
		if rapid.IntRange(0, 4).Draw(r, f) == 0 {
			flags = append(flags, f)
		}
	}
	edits := []edit{with("flags", flags)}
	if rapid.IntRange(0, 3).Draw(r, "other status") == 0 {
		status := rapid.SampledFrom([]string{"new", "processing", "error", "cancelled", "expired", "odd"}).Draw(r, "status")
		edits = append(edits, with("status", status))
	}
	if rapid.IntRange(0, 4).Draw(r, "reserved") == 0 {
		edits = append(edits, inTransaction("transaction_type", "authorization"))
	}
	if rapid.IntRange(0, 4).Draw(r, "charged back") == 0 {
		edits = append(edits, with("chargeback_orders", []string{"other"}))
	}
	return edits
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$`)
	b.pool.Reset()
	b.see(t, document(t, fixturePaid))
	if text := mustJSON(t, b.order(t, anOrder)) + mustJSON(t, b.feed(t)); strings.Contains(text, "+09:00") {
		t.Errorf("times with an offset: %s", text)
	}
}
