package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const sharedRef = "ORDER-001"

// payer is an order that is paid for sharedRef, with real money unless edited.
func payer(t testing.TB, id string, edits ...edit) *nopayn.Order {
	t.Helper()
	return paid(t, id, append([]edit{with("merchant_order_id", sharedRef), with("flags", []string{})}, edits...)...)
}

// wantPayers fails unless exactly those of the orders with sharedRef are fulfillable.
func (b *bench) wantPayers(t testing.TB, want ...string) {
	t.Helper()
	ref := sharedRef
	orders, _, err := b.Orders(t.Context(), store.Filter{MerchantOrderID: &ref}, store.Cursor{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range orders {
		if o.Fulfillable {
			got = append(got, o.OrderID)
		} else if o.State == "paid" && !slices.Contains(o.Holds, "paid_twice") {
			t.Errorf("%s is held for %q, want paid_twice", o.OrderID, o.Holds)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("fulfillable are %q, want %q", got, want)
	}
}

func TestPromise6_PaidTwiceIsFulfillableOnce(t *testing.T) {
	t.Parallel()
	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		if out := b.see(t, payer(t, "z-first")); out.PaidTwice {
			t.Error("the first payment is the second")
		}
		if out := b.see(t, payer(t, "a-second")); !out.PaidTwice {
			t.Error("the second payment is not noticed")
		}
		b.wantPayers(t, "z-first")
		b.wantFeed(t, "order.paid", "order.paid")
		b.see(t, payer(t, "a-second", with("description", "changed")))
		b.see(t, payer(t, "z-first", with("description", "changed")))
		b.wantPayers(t, "z-first")
	})
	t.Run("in one batch", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.hint(t, "a", "b", "c")
		claims := b.claimByID(t)
		outcomes := b.applyTogether(t,
			answered(claims["b"], payer(t, "b")), answered(claims["c"], payer(t, "c")), answered(claims["a"], payer(t, "a")))
		if outcomes[0].PaidTwice || !outcomes[1].PaidTwice || !outcomes[2].PaidTwice {
			t.Errorf("outcomes %+v, want all but the first paid twice", outcomes)
		}
		b.wantPayers(t, "b")
	})
	t.Run("test orders apart", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.see(t, payer(t, "test", with("flags", []string{"is-test"})))
		b.see(t, payer(t, "real"))
		b.see(t, payer(t, "test-2", with("flags", []string{"is-test"})))
		b.wantPayers(t, "real", "test")
	})
	t.Run("refunded before it was seen", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.see(t, payer(t, "refunded", with("flags", []string{"has-refunds"}), with("refunded_amount", 1295)))
		b.see(t, payer(t, "again"))
		b.wantPayers(t)
	})
	t.Run("not paid does not count", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.see(t, payer(t, "cancelled", with("status", "cancelled")))
		b.see(t, payer(t, "paid"))
		b.wantPayers(t, "paid")
	})
	t.Run("without a reference", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.see(t, paid(t, "a", without("merchant_order_id")))
		if out := b.see(t, paid(t, "b", without("merchant_order_id"))); out.PaidTwice {
			t.Error("two orders that name no reference are taken for one purchase")
		}
	})
}

// TestPaidTwiceWhenTheReferenceChanges relabels an order that was paid long ago.
func TestPaidTwiceWhenTheReferenceChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, payer(t, "early", with("merchant_order_id", "another")))
	b.see(t, payer(t, "holder"))
	if out := b.see(t, payer(t, "early")); !out.PaidTwice {
		t.Error("an order that comes to pay for a paid reference is not noticed, since it was paid before")
	}
	b.wantPayers(t, "holder")
	b.see(t, payer(t, "third"))
	b.wantPayers(t, "holder")
	b.see(t, payer(t, "holder", with("merchant_order_id", "moved on")))
	b.wantPayers(t) // no mark is taken back
}

func TestPromise6_PaidTwiceFromTwoStoresAtOnce(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	const refs, each = 30, 4
	var ids []string
	for r := range refs {
		for n := range each {
			ids = append(ids, fmt.Sprintf("r%d-%d", r, n))
		}
	}
	a.hint(t, ids...)
	claims := a.claimByID(t)
	var applies sync.WaitGroup
	for i, id := range ids {
		s := []*bench{a, b}[i%2]
		doc := payer(t, id, with("merchant_order_id", id[:len(id)-2]))
		applies.Go(func() {
			if _, err := s.Apply(t.Context(), answered(claims[id], doc)); err != nil {
				t.Error(err)
			}
		})
	}
	applies.Wait()

	first := make(map[string]string) // of the feed, which is in the order of commits
	for _, e := range a.feed(t) {
		if first[*e.MerchantOrderID] == "" {
			first[*e.MerchantOrderID] = e.OrderID
		}
	}
	check := func() {
		t.Helper()
		for _, id := range ids {
			ref := id[:len(id)-2]
			if o := b.order(t, id); o.Fulfillable != (first[ref] == id) {
				t.Errorf("%s is fulfillable: %t, but %s was paid first", id, o.Fulfillable, first[ref])
			}
		}
	}
	check()
	for _, id := range ids { // nothing that is seen later turns it round
		doc := payer(t, id, with("merchant_order_id", id[:len(id)-2]), with("description", "later"))
		a.answer(t, a.claimNow(t, id), doc)
	}
	check()
}

// TestPaidTwiceIsInTheEvent reads what a fulfilment system that follows the feed alone would.
func TestPaidTwiceIsInTheEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, payer(t, "first"))
	b.see(t, payer(t, "second"))
	for i, want := range []bool{true, false} {
		if got := snapshot(t, b.feed(t)[i]).Fulfillable; got != want {
			t.Errorf("event %d says fulfillable: %t, want %t", i+1, got, want)
		}
	}
}

// TestGoingBackAndForthKeepsTheFirstPayer has the first payer lose its payment and get it back.
func TestGoingBackAndForthKeepsTheFirstPayer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, payer(t, "first"))
	b.see(t, payer(t, "first", with("status", "processing"), modified(time.Now())))
	b.see(t, payer(t, "second"))
	b.wantPayers(t)
	b.see(t, payer(t, "first", modified(time.Now())))
	b.wantPayers(t, "first")
}
