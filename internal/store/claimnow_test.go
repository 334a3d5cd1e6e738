package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// now claims one order for a look at once, and fails unless it can be had.
func (b *bench) now(t testing.TB, id string) store.Claim {
	t.Helper()
	c, ok, err := b.ClaimNow(t.Context(), id, 0)
	if err != nil || !ok {
		t.Fatalf("ClaimNow(%s): %t, %v", id, ok, err)
	}
	return c
}

// standing is how an id stands for somebody who bears what is not older than maxAge.
func (b *bench) standing(t testing.TB, id string, maxAge time.Duration) store.Standing {
	t.Helper()
	at, err := b.Standing(t.Context(), id, maxAge)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestClaimNow follows an id that nobody has heard of to the order that it is.
func TestClaimNow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if at := b.standing(t, anOrder, time.Hour); at != (store.Standing{}) {
		t.Errorf("before: %+v", at)
	}
	c := b.now(t, anOrder)
	if c.OrderID != anOrder || c.Known || c.Cause != "refresh" {
		t.Errorf("claim %+v", c)
	}
	if at := b.standing(t, anOrder, time.Hour); !at.UnderWay || at.Fresh || !at.CheckedAt.IsZero() {
		t.Errorf("under way: %+v", at)
	}
	if _, ok, err := b.ClaimNow(t.Context(), anOrder, 0); ok || err != nil {
		t.Errorf("it is handed out twice: %v", err)
	}
	b.hint(t, anOrder)
	if due := b.claim(t); len(due) != 0 {
		t.Errorf("a webhook has it handed out twice: %+v", due)
	}
	if out := b.answer(t, c, document(t, fixturePaid)); !out.Again || out.Verdict != store.Changed {
		t.Errorf("outcome %+v, want a change, and a look for the webhook", out)
	}
	o := b.order(t, anOrder)
	if events := b.feed(t); o.FirstSeenBy != "refresh" || len(events) != 1 || events[0].Source != "refresh" {
		t.Errorf("first seen by %s, events %s", o.FirstSeenBy, mustJSON(t, events))
	}
	if at := b.standing(t, anOrder, time.Hour); !at.Fresh || at.UnderWay || !at.CheckedAt.Equal(*o.CheckedAt) {
		t.Errorf("afterwards: %+v, checked at %v", at, o.CheckedAt)
	}
	if at := b.standing(t, anOrder, 0); at.Fresh {
		t.Error("an answer is fresh for who bears none")
	}
	if _, ok, err := b.ClaimNow(t.Context(), anOrder, time.Hour); ok || err != nil {
		t.Errorf("a fresh order is handed out: %v", err)
	}
	b.exec(t, `update checks set checked_at = checked_at - interval '2 hours'`)
	if _, ok, err := b.ClaimNow(t.Context(), anOrder, time.Hour); !ok || err != nil {
		t.Errorf("an old answer will do: %v", err)
	}
	if _, _, err := b.ClaimNow(t.Context(), "a/b", 0); !errors.Is(err, nopayn.ErrInvalidID) {
		t.Errorf("an invalid id: %v", err)
	}
}

// TestClaimNowIsForOne has many claim at once, on two replicas.
func TestClaimNowIsForOne(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	a.see(t, paid(t, "known"))
	for _, id := range []string{"known", "unknown"} {
		var got atomic.Int64
		var callers sync.WaitGroup
		for i := range 50 {
			callers.Go(func() {
				replica := []*bench{a, b}[i%2]
				switch _, ok, err := replica.ClaimNow(t.Context(), id, 0); {
				case err != nil:
					t.Error(err)
				case ok:
					got.Add(1)
				}
			})
		}
		callers.Wait()
		if got.Load() != 1 {
			t.Errorf("%s was handed out %d times", id, got.Load())
		}
	}
}

// TestIdsThatOnlyARefreshNamed are forgotten unless there is an order, or somebody else names them meanwhile.
func TestIdsThatOnlyARefreshNamed(t *testing.T) {
	t.Parallel()
	miss := func(c store.Claim) store.Result { return store.Result{Claim: c, NotFound: true} }
	fail := func(c store.Claim) store.Result {
		return store.Result{Claim: c, Failure: &store.Failure{Code: "x", Phrase: "y"}}
	}
	refuse := func(c store.Claim) store.Result {
		return store.Result{Claim: c, Failure: &store.Failure{Code: "x", Phrase: "y", Refused: true}}
	}
	for name, c := range map[string]struct {
		result    func(store.Claim) store.Result
		meanwhile func(*testing.T, *bench)
		kept      int
	}{
		"404":                           {miss, nil, 0},
		"failed":                        {fail, nil, 0},
		"refused":                       {refuse, nil, 0},
		"404, and a webhook came":       {miss, func(t *testing.T, b *bench) { b.hint(t, "id") }, 1},
		"failed, and a webhook came":    {fail, func(t *testing.T, b *bench) { b.hint(t, "id") }, 1},
		"404, and it was registered":    {miss, func(t *testing.T, b *bench) { b.register(t, "id", store.Expected{}) }, 1},
		"failed, and it was registered": {fail, func(t *testing.T, b *bench) { b.register(t, "id", store.Expected{}) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			claim := b.now(t, "id")
			if c.meanwhile != nil {
				c.meanwhile(t, b)
			}
			b.apply(t, c.result(claim))
			kept := one[int](t, b, `select count(*) from checks where due_at is not null and lease is null`)
			if all := one[int](t, b, `select count(*) from checks`); kept != c.kept || all != c.kept {
				t.Errorf("%d checks are kept, %d of them due; want %d", all, kept, c.kept)
			}
			b.wantFeed(t)
		})
	}
}

// TestRefreshOfAKnownOrderThatFails leaves the order as it is, says so, and has it looked at again.
func TestRefreshOfAKnownOrderThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	before := b.order(t, anOrder)
	b.fail(t, b.now(t, anOrder), 0)
	after := b.order(t, anOrder)
	if after.State != before.State || !after.CheckedAt.Equal(*before.CheckedAt) || after.CheckFailures != 1 {
		t.Errorf("order %s", mustJSON(t, after))
	}
	b.wantDue(t, anOrder, time.Second, time.Second)
	b.wantFeed(t, "order.paid")
	b.miss(t, b.now(t, anOrder))
	if o := b.order(t, anOrder); o.State != before.State {
		t.Errorf("a 404 made a verified order %s", o.State)
	}
}

// TestClaimNowOfADeadClaim takes over what nobody is looking at any more.
func TestClaimNowOfADeadClaim(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dead := b.now(t, anOrder)
	b.exec(t, `update checks set due_at = now() - interval '1 second'`)
	if at := b.standing(t, anOrder, 0); at.UnderWay {
		t.Error("a dead claim counts as under way")
	}
	alive := b.now(t, anOrder)
	b.answer(t, dead, document(t, fixtureProcessing)) // it was only slow
	if s := b.schedule(t, anOrder); s.Lease == nil {
		t.Error("the slow one gave the claim of the other back")
	}
	b.answer(t, alive, document(t, fixturePaid))
	if o := b.order(t, anOrder); o.State != "paid" {
		t.Errorf("state %s", o.State)
	}
}
