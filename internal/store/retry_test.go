package store_test

import (
	"errors"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

func TestPromise2_FailuresBackOffAndNeverGiveUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	want := time.Second
	for n := 1; n <= 20; n++ {
		c := b.claimNow(t, anOrder)
		if out := b.fail(t, c, 0); out.Verdict != store.Failed {
			t.Fatalf("outcome %+v", out)
		}
		b.wantDue(t, anOrder, want, want/10+time.Millisecond)
		if s := b.schedule(t, anOrder); s.Failures != n || *s.LastError != "gateway_error: the gateway answered 500" {
			t.Fatalf("after %d failures: %+v", n, s)
		}
		want = min(2*want, 5*time.Minute)
	}
	b.answer(t, b.claimNow(t, anOrder), document(t, fixturePaid))
	if o := b.order(t, anOrder); o.CheckFailures != 0 || o.LastError != nil || o.State != "paid" {
		t.Errorf("after a good look: %+v", o)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	b.fail(t, b.claimOne(t), 90*time.Second)
	b.wantDue(t, anOrder, 90*time.Second, time.Second)
	b.fail(t, b.claimNow(t, anOrder), 1000*time.Hour)
	b.wantDue(t, anOrder, time.Hour, time.Second) // no more than that
	b.exec(t, `update checks set failures = 10`)
	b.fail(t, b.claimNow(t, anOrder), time.Second)
	b.wantDue(t, anOrder, 5*time.Minute, 31*time.Second) // no less than our own
}

func TestFailureLeavesASettledOrderSettled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	b.hint(t, anOrder)
	b.fail(t, b.claimOne(t), 0)
	if o := b.order(t, anOrder); !o.Settled || o.State != "paid" || o.CheckFailures != 1 {
		t.Errorf("order %+v", o)
	}
	b.wantDue(t, anOrder, time.Second, time.Second) // the webhook is not forgotten
}

func TestFailureDoesNotSettle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixtureError, created(time.Now())))
	b.exec(t, `update orders set created_at = now() - interval '1 day', expires_at = now() - interval '1 hour'`)
	b.fail(t, b.claimNow(t, anOrder), 0)
	// Its period is over, but nobody has asked since whether it was paid after all.
	if o := b.order(t, anOrder); o.Settled || o.NextCheckAt == nil {
		t.Errorf("order %+v, want it unsettled and scheduled", o)
	}
}

func TestFailedOrderSettlesAfterItsPeriodWithoutAnEvent(t *testing.T) {
	t.Parallel()
	over := created(time.Now().Add(-2 * time.Hour))
	for name, look := range map[string]func(t *testing.T, b *bench) store.Outcome{
		"answered": func(t *testing.T, b *bench) store.Outcome {
			return b.answer(t, b.claimNow(t, anOrder), document(t, fixtureError, over))
		},
		"missed": func(t *testing.T, b *bench) store.Outcome { return b.miss(t, b.claimNow(t, anOrder)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, document(t, fixtureError, created(time.Now())))
			if o := b.order(t, anOrder); o.State != "failed" || o.Settled || o.NextCheckAt == nil {
				t.Fatalf("order %+v, want it open for another attempt", o)
			}
			// Two hours pass.
			doc := document(t, fixtureError, over)
			b.makeOlder(t, doc)
			look(t, b)
			if o := b.order(t, anOrder); o.State != "failed" || !o.Settled || o.NextCheckAt != nil {
				t.Errorf("order %+v, want it settled", o)
			}
			b.wantFeed(t, "order.failed")
		})
	}
}

// makeOlder lets time pass for the only order: it becomes as old as doc, which differs from it in nothing else.
func (b *bench) makeOlder(t testing.TB, doc *nopayn.Order) {
	t.Helper()
	b.exec(t, `update orders set first_seen_at = $1, created_at = $1, expires_at = $2, doc = $3`,
		doc.Created, payment.Assess(doc).ExpiresAt, doc.Raw)
}

func TestVerifiedOrderThat404sKeepsItsState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fixture string
		state   string
		settled bool
	}{
		"paid":    {fixturePaid, "paid", true},
		"pending": {fixtureProcessing, "pending", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, document(t, c.fixture, created(time.Now())))
			for range 5 {
				b.exec(t, `update checks set missed_at = missed_at - interval '1 hour'`)
				if out := b.miss(t, b.claimNow(t, anOrder)); out.Verdict != store.NotFound {
					t.Errorf("verdict %q", out.Verdict)
				}
			}
			o := b.order(t, anOrder)
			if string(o.State) != c.state || o.Settled != c.settled || o.NextCheckAt == nil || o.LastError == nil {
				t.Errorf("order %+v, want it %s and scheduled", o, c.state)
			}
			b.wantFeed(t, "order."+c.state)
			b.answer(t, b.claimNow(t, anOrder), document(t, c.fixture, created(time.Now())))
			if s := b.schedule(t, anOrder); s.Misses != 0 || s.LastError != nil {
				t.Errorf("after the gateway knew it again: %+v", s)
			}
		})
	}
}

// TestMereHintThatTheGatewayRefusesIsDropped: a gateway may answer a forged id with something other than a 404.
func TestMereHintThatTheGatewayRefusesIsDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refused := &store.Failure{Code: "gateway_error", Phrase: "the gateway answered 400", Refused: true}
	b.hint(t, anOrder)
	c := b.claimOne(t)
	for range 2 {
		if out := b.apply(t, store.Result{Claim: c, Failure: refused}); out.Verdict != store.NotFound {
			t.Errorf("verdict %q", out.Verdict)
		}
		c = b.claimNow(t, anOrder)
	}
	b.exec(t, `update checks set missed_at = missed_at - interval '10 minutes'`)
	if out := b.apply(t, store.Result{Claim: c, Failure: refused}); out.Verdict != store.Dropped {
		t.Errorf("third refusal: %q", out.Verdict)
	}
	if rows := one[int](t, b, `select count(*) from checks`); rows != 0 {
		t.Errorf("%d checks are left", rows)
	}

	// An order of ours is never forgotten for that.
	b.see(t, document(t, fixturePaid))
	for range 4 {
		b.apply(t, store.Result{Claim: b.claimNow(t, anOrder), Failure: refused})
	}
	if o := b.order(t, anOrder); o.State != "paid" || o.CheckFailures != 4 {
		t.Errorf("order %+v", o)
	}
}

// TestRetryKeepsItsCause: what a webhook told is no discovery of the poller's, however often the gateway fails.
func TestRetryKeepsItsCause(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	b.apply(t, store.Result{Claim: b.claimOne(t), Failure: &store.Failure{Code: "gateway_error", Phrase: "a fault"}})
	b.miss(t, b.claimNow(t, anOrder))
	b.answer(t, b.claimNow(t, anOrder), document(t, fixturePaid))
	if events := b.feed(t); events[0].Source != "webhook" {
		t.Errorf("source %q, want webhook", events[0].Source)
	}
	if c := b.claimNow(t, anOrder); c.Cause != "poll" {
		t.Errorf("the look after that has the cause %q, want poll", c.Cause)
	}
}

func TestMereHintThatTheGatewayDoesNotKnowIsDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	if out := b.miss(t, b.claimOne(t)); out.Verdict != store.NotFound {
		t.Errorf("first miss: %q", out.Verdict)
	}
	b.wantDue(t, anOrder, 30*time.Second, time.Second) // the gateway may be slow to know its own
	b.miss(t, b.claimNow(t, anOrder))
	b.wantDue(t, anOrder, defaultRules().Schedule.MinAge, 2*time.Second)
	b.hint(t, anOrder)
	if out := b.miss(t, b.claimNow(t, anOrder)); out.Verdict != store.NotFound {
		t.Errorf("third miss, too early: %q", out.Verdict)
	}
	b.exec(t, `update checks set missed_at = missed_at - interval '10 minutes'`)
	if out := b.miss(t, b.claimNow(t, anOrder)); out.Verdict != store.Dropped || out.To != "" {
		t.Errorf("miss after all that time: %+v", out)
	}
	if rows := one[int](t, b, `select count(*) from checks`); rows != 0 {
		t.Errorf("%d checks are left", rows)
	}
	if _, err := b.Order(t.Context(), anOrder); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Order of a dropped id: %v", err)
	}
	b.wantFeed(t)
	// It may come to be.
	b.see(t, document(t, fixturePaid))
	b.wantFeed(t, "order.paid")
}

func TestWebhookDuringTheLastMissKeepsTheID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	b.miss(t, b.claimOne(t))
	b.exec(t, `update checks set misses = 9, missed_at = now() - interval '1 day'`)
	c := b.claimNow(t, anOrder)
	b.hint(t, anOrder)
	if out := b.miss(t, c); out.Verdict != store.NotFound || !out.Again {
		t.Errorf("outcome %+v, want one more look before the id is dropped", out)
	}
	if out := b.miss(t, b.claimOne(t)); out.Verdict != store.Dropped {
		t.Errorf("verdict %q", out.Verdict)
	}
}

func TestRegisteredOrderThatTheGatewayDoesNotKnowBecomesNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.register(t, anOrder, store.Expected{})
	b.miss(t, b.claimNow(t, anOrder))
	b.miss(t, b.claimNow(t, anOrder))
	b.wantFeed(t)
	b.exec(t, `update checks set missed_at = missed_at - interval '10 minutes'`)
	if out := b.miss(t, b.claimNow(t, anOrder)); out.To != "not_found" || out.From != "unverified" {
		t.Errorf("outcome %+v", out)
	}
	if o := b.order(t, anOrder); o.State != "not_found" || !o.Settled || o.NextCheckAt != nil {
		t.Errorf("order %+v", o)
	}
	// A webhook asks once more, and the gateway may know it by now.
	b.hint(t, anOrder)
	b.miss(t, b.claimOne(t))
	if _, ok := b.dueIn(t, anOrder); ok {
		t.Error("a not_found order is scheduled after another miss")
	}
	b.wantFeed(t, "order.not_found")
	b.see(t, document(t, fixturePaid))
	b.wantFeed(t, "order.not_found", "order.paid")
}

// TestStuckOrderIsToldOnceAndLookedAtDaily lets an order be unsettled for longer than GiveUp, in three ways to notice.
func TestStuckOrderIsToldOnceAndLookedAtDaily(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(t *testing.T, b *bench, c store.Claim) store.Outcome{
		"answered": func(t *testing.T, b *bench, c store.Claim) store.Outcome {
			return b.answer(t, c, document(t, fixtureUnknownStatus))
		},
		"missed": func(t *testing.T, b *bench, c store.Claim) store.Outcome { return b.miss(t, c) },
		"failed": func(t *testing.T, b *bench, c store.Claim) store.Outcome { return b.fail(t, c, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			doc := document(t, fixtureUnknownStatus, created(time.Now()))
			b.see(t, doc)
			doc = document(t, fixtureUnknownStatus)
			b.makeOlder(t, doc)
			for range 3 {
				if out := look(t, b, b.claimNow(t, anOrder)); !out.Stuck {
					t.Errorf("outcome %+v, want it stuck", out)
				}
				b.wantDue(t, anOrder, 24*time.Hour, 24*time.Hour/10+time.Minute)
			}
			b.wantFeed(t, "order.unknown", "order.stuck")
			stuck := true
			orders, _, err := b.Orders(t.Context(), store.Filter{Stuck: &stuck}, store.Cursor{}, 10)
			if err != nil || len(orders) != 1 {
				t.Errorf("%d orders are listed as stuck: %v", len(orders), err)
			}
			b.see(t, document(t, fixturePaid))
			b.wantFeed(t, "order.unknown", "order.stuck", "order.paid")
			if n := one[int](t, b, `select count(*) from orders where stuck`); n != 0 {
				t.Error("a paid order is stuck")
			}
		})
	}
}

func TestMereHintThatFailsForTooLongIsLookedAtDaily(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	b.exec(t, `update checks set first_seen_at = now() - interval '15 days'`)
	b.fail(t, b.claimOne(t), 0)
	b.wantDue(t, anOrder, 24*time.Hour, time.Minute)
	b.wantFeed(t)
}
