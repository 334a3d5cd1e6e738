package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"webhookd/internal/store"
)

func TestRegisterSaysWhetherTheOrderWasKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  func(t *testing.T, b *bench)
		created bool
		seenBy  string
	}{
		"never heard of": {func(*testing.T, *bench) {}, true, "registered"},
		"heard of":       {func(t *testing.T, b *bench) { b.hint(t, anOrder) }, true, "webhook"},
		"registered":     {func(t *testing.T, b *bench) { b.register(t, anOrder, store.Expected{}) }, false, "registered"},
		"verified":       {func(t *testing.T, b *bench) { b.see(t, document(t, fixturePaid)) }, false, "webhook"},
		"listed": {func(t *testing.T, b *bench) {
			if _, err := b.Swept(t.Context(), []store.Listed{{OrderID: anOrder}}, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}, true, "sweep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c.before(t, b)
			r := b.register(t, anOrder, store.Expected{})
			if r.Created != c.created || r.Order.FirstSeenBy != c.seenBy || r.Order.Expected == nil || r.Mismatch {
				t.Errorf("registration %+v, want created %t and first seen by %s", r, c.created, c.seenBy)
			}
			if got, want := mustJSON(t, r.Order), mustJSON(t, b.order(t, anOrder)); got != want {
				t.Errorf("Register answers\n%s\nand Order\n%s", got, want)
			}
		})
	}
}

func TestPromise2_RegisteredOrderIsLookedAtWithoutAnyWebhook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, anOrder, store.Expected{})
	b.wantDue(t, anOrder, defaultRules().Schedule.MinAge, time.Second)
	if o := b.order(t, anOrder); o.State != "unverified" || o.Status != nil || o.Fulfillable || o.Seq != 0 {
		t.Errorf("order %+v", o)
	}
	b.wantFeed(t)
	if c := b.claimNow(t, anOrder); !c.Known {
		t.Error("a registered order is not one of ours")
	}
}

func TestRegisterLeavesTheScheduleAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	before := b.schedule(t, anOrder)
	b.register(t, anOrder, store.Expected{})
	if after := b.schedule(t, anOrder); !after.DueAt.Equal(*before.DueAt) {
		t.Error("an order that was due is no longer, since it was registered")
	}
	c := b.claimOne(t)
	before = b.schedule(t, anOrder)
	b.register(t, anOrder, store.Expected{Amount: new(int64(1))})
	if after := b.schedule(t, anOrder); !after.DueAt.Equal(*before.DueAt) || *after.Lease != *before.Lease {
		t.Error("Register ended a look that was under way")
	}
	if out := b.answer(t, c, document(t, fixturePaid)); out.Verdict != store.Changed {
		t.Errorf("outcome %+v", out)
	}
}

func TestRegisterFillsInButNeverContradicts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, anOrder, store.Expected{})
	b.register(t, anOrder, store.Expected{Amount: new(int64(1295))})
	b.register(t, anOrder, store.Expected{Currency: new("EUR"), MerchantOrderID: new("")})
	r := b.register(t, anOrder, store.Expected{MerchantOrderID: new("ORDER-001"), Amount: new(int64(1295))})
	if e := r.Order.Expected; *e.Amount != 1295 || *e.Currency != "EUR" || *e.MerchantOrderID != "ORDER-001" {
		t.Errorf("expected %s", mustJSON(t, e))
	}
	before := b.order(t, anOrder)
	for field, e := range map[string]store.Expected{
		"amount":            {Amount: new(int64(1)), Currency: new("EUR")},
		"currency":          {Currency: new("NOK")},
		"merchant_order_id": {MerchantOrderID: new("other")},
	} {
		_, err := b.Register(t.Context(), anOrder, e)
		var contradiction *store.ContradictionError
		if !errors.As(err, &contradiction) || contradiction.Field != field {
			t.Errorf("another %s: %v", field, err)
		}
	}
	if after := b.order(t, anOrder); mustJSON(t, after) != mustJSON(t, before) {
		t.Errorf("a refused registration changed the order from\n%s\nto\n%s", mustJSON(t, before), mustJSON(t, after))
	}
	if _, err := b.Register(t.Context(), anOrder, store.Expected{}); err != nil {
		t.Errorf("saying nothing: %v", err)
	}
}

func TestRefusedRegistrationOfAVerifiedOrderStoresNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	b.register(t, anOrder, store.Expected{Amount: new(int64(1295))})
	// The reference would be new, and a mismatch: but the amount is refused.
	_, err := b.Register(t.Context(), anOrder, store.Expected{MerchantOrderID: new("other"), Amount: new(int64(1))})
	if err == nil {
		t.Error("a contradiction is accepted")
	}
	if o := b.order(t, anOrder); !o.Fulfillable || o.Expected.MerchantOrderID != nil {
		t.Errorf("order %+v", o)
	}
	b.wantFeed(t, "order.paid")
}

func TestMismatchIsHeldAndToldOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expected store.Expected
		hold     string
	}{
		"amount":    {store.Expected{Amount: new(int64(1294))}, "amount_mismatch"},
		"currency":  {store.Expected{Currency: new("NOK")}, "currency_mismatch"},
		"reference": {store.Expected{MerchantOrderID: new("ORDER-002")}, "reference_mismatch"},
	} {
		t.Run("registered before/"+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if r := b.register(t, anOrder, c.expected); r.Mismatch {
				t.Error("an order that nobody has verified mismatches")
			}
			b.see(t, document(t, fixturePaid))
			b.wantHold(t, c.hold)
			b.see(t, document(t, fixturePaid, with("description", "changed")))
			b.wantFeed(t, "order.paid", "order.mismatch", "order.changed")
		})
		t.Run("registered after/"+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, document(t, fixturePaid))
			if r := b.register(t, anOrder, c.expected); !r.Mismatch || r.Order.Fulfillable || r.Created {
				t.Errorf("registration %+v, want a mismatch", r)
			}
			b.wantHold(t, c.hold)
			b.register(t, anOrder, c.expected)
			b.wantFeed(t, "order.paid", "order.mismatch")
			e := b.feed(t)[1]
			if e.Source != "operation" || snapshot(t, e).Fulfillable || !previous(t, e).Fulfillable {
				t.Errorf("event %s", mustJSON(t, e))
			}
		})
	}
}

func (b *bench) wantHold(t testing.TB, hold string) {
	t.Helper()
	if o := b.order(t, anOrder); o.Fulfillable || fmt.Sprint(o.Holds) != "["+hold+"]" {
		t.Errorf("fulfillable %t with holds %q, want %s", o.Fulfillable, o.Holds, hold)
	}
}

// TestRegisteringIsToldWhereOnlyRegisteredOrdersShip has the registration come after the payment: who follows the feed
// must learn that the order may leave now.
func TestRegisteringIsToldWhereOnlyRegisteredOrdersShip(t *testing.T) {
	t.Parallel()
	rules := defaultRules()
	rules.Policy.RequireRegistration = true
	b := newBenchWith(t, pg.New(t), rules)
	b.see(t, document(t, fixturePaid))
	b.wantHold(t, "unregistered")
	if r := b.register(t, anOrder, store.Expected{}); !r.Order.Fulfillable || r.Mismatch {
		t.Errorf("registration %+v", r)
	}
	b.register(t, anOrder, store.Expected{Amount: new(int64(1295))})
	b.wantFeed(t, "order.paid", "order.changed")
	if e := b.feed(t)[1]; previous(t, e).Fulfillable || !snapshot(t, e).Fulfillable {
		t.Errorf("event %s", mustJSON(t, e))
	}
}

func TestRegisterOfANotFoundOrderAsksAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, anOrder, store.Expected{})
	b.exec(t, `update checks set misses = 2, missed_at = now() - interval '1 day'`)
	b.miss(t, b.claimNow(t, anOrder))
	if o := b.order(t, anOrder); o.State != "not_found" || o.NextCheckAt != nil {
		t.Fatalf("order %+v", o)
	}
	if r := b.register(t, anOrder, store.Expected{}); r.Created || r.Order.NextCheckAt == nil {
		t.Errorf("registration %+v, want it known and scheduled", r)
	}
	c := b.claimOne(t)
	b.register(t, anOrder, store.Expected{})
	if due := b.claim(t); len(due) != 0 {
		t.Error("registering made an order due whose look is under way")
	}
	b.answer(t, c, document(t, fixturePaid))
	b.wantFeed(t, "order.not_found", "order.paid")
}

func TestIDOnlyHeardOfIsNoOrderUntilConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	for what, read := range map[string]func() error{
		"Order":   func() error { _, err := b.Order(t.Context(), anOrder); return err },
		"History": func() error { _, err := b.History(t.Context(), anOrder, 0, 1000); return err },
	} {
		if err := read(); !errors.Is(err, store.ErrNotFound) || store.Unavailable(err) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	if orders, _, err := b.Orders(t.Context(), store.Filter{}, store.Cursor{}, 10); err != nil || len(orders) != 0 {
		t.Errorf("Orders: %d, %v", len(orders), err)
	}
	b.answer(t, b.claimOne(t), document(t, fixturePaid))
	b.order(t, anOrder)
}

// TestRegisterRacesTheFirstAnswer registers orders while their first answers are applied, from two stores.
func TestRegisterRacesTheFirstAnswer(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	var ids []string
	for i := range 60 {
		ids = append(ids, fmt.Sprintf("order-%d", i))
	}
	a.hint(t, ids...)
	claims := a.claimByID(t)
	var racers sync.WaitGroup
	for _, id := range ids {
		doc := paid(t, id)
		racers.Go(func() {
			if _, err := a.Apply(t.Context(), answered(claims[id], doc)); err != nil {
				t.Error(err)
			}
		})
		racers.Go(func() {
			if _, err := b.Register(t.Context(), id, store.Expected{Amount: new(int64(1))}); err != nil {
				t.Error(err)
			}
		})
	}
	racers.Wait()
	for _, id := range ids {
		o := b.order(t, id)
		if o.State != "paid" || o.Expected == nil || fmt.Sprint(o.Holds) != "[amount_mismatch]" || o.Webhooks.Count != 1 {
			t.Errorf("order %+v", o)
		}
		events, err := b.History(t.Context(), id, 0, 1000)
		if err != nil || types(events) != "order.paid order.mismatch" {
			t.Errorf("history of %s: %s, %v", id, types(events), err)
		}
	}
	a.feed(t)
}

func TestInvalidIDIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, id := range []string{"", "a b", "a/b", strings.Repeat("x", 65)} {
		if _, err := b.Register(t.Context(), id, store.Expected{}); err == nil {
			t.Errorf("Register(%q) accepts it", id)
		}
		if err := b.NewIntake(idle{}).Hint(t.Context(), id); err == nil {
			t.Errorf("Hint(%q) accepts it", id)
		}
	}
}
