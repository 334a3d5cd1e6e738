package store_test

import (
	"slices"
	"testing"
	"time"

	"webhookd/internal/store"
)

func TestOutcomeTellsWhatALookDid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	processing := document(t, fixtureProcessing, created(time.Now()), modified(time.Now().Add(-3*time.Second)))
	b.hint(t, anOrder)
	out := b.answer(t, b.claimOne(t), processing)
	if out.Verdict != store.Changed || out.From != "" || out.To != "pending" || !out.Known || out.Stuck ||
		!slices.Equal(out.Events, []store.EventType{"order.pending"}) {
		t.Errorf("first answer: %+v", out)
	}
	if out.Delay < 3*time.Second || out.Delay > time.Minute {
		t.Errorf("delay %v for a change 3 s ago", out.Delay)
	}
	c := b.claimNow(t, anOrder)
	if !c.Known || c.Cause != "poll" {
		t.Errorf("claim %+v, want a known order that was due by its schedule", c)
	}
	out = b.answer(t, c, processing)
	if out.Verdict != store.Unchanged || out.From != "pending" || out.To != "pending" || out.Delay != 0 ||
		out.Events != nil {
		t.Errorf("second answer: %+v", out)
	}
	out = b.answer(t, b.claimNow(t, anOrder), document(t, fixturePaid, modified(time.Now())))
	if out.Verdict != store.Changed || out.From != "pending" || out.To != "paid" {
		t.Errorf("third answer: %+v", out)
	}
	if out = b.miss(t, b.claimNow(t, anOrder)); out.Verdict != store.NotFound || out.From != "paid" || out.To != "paid" {
		t.Errorf("miss: %+v", out)
	}
	if out = b.fail(t, b.claimNow(t, anOrder), 0); out.Verdict != store.Failed || out.To != "paid" {
		t.Errorf("failure: %+v", out)
	}
	events := b.feed(t)
	if got := types(events); got != "order.pending order.paid" {
		t.Fatalf("feed %q", got)
	}
	if events[0].Source != "webhook" || events[1].Source != "poll" {
		t.Errorf("sources %q and %q, want webhook and poll", events[0].Source, events[1].Source)
	}
}

func TestUnknownStatusIsKeptAndLookedAtFurther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixtureUnknownStatus, created(time.Now())))
	o := b.order(t, anOrder)
	if o.State != "unknown" || *o.Status != "on-hold-review" || o.Settled || o.Fulfillable || o.Final ||
		o.NextCheckAt == nil {
		t.Errorf("order %+v", o)
	}
	if !slices.Contains(o.Holds, "unknown_status") {
		t.Errorf("holds %q", o.Holds)
	}
	b.wantFeed(t, "order.unknown")
}

func TestReversalIsNeverPaid(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]edit{
		"refund":            {with("refund_of_order_id", anOrder)},
		"chargeback":        {with("chargeback_of_order_id", anOrder)},
		"reversal":          {with("reversal_of_order_id", anOrder)},
		"flagged as refund": {with("flags", []string{"is-refund"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, paid(t, "back", append(edits, with("merchant_order_id", "ORDER-001"))...))
			if o := b.order(t, "back"); o.State != "reversal" || o.Kind == "payment" || o.Fulfillable {
				t.Errorf("order %+v", o)
			}
			b.wantFeed(t, "order.reversal")
			// Nor does it count as a payment of the reference it names.
			if out := b.see(t, document(t, fixturePaid)); out.PaidTwice || !b.order(t, anOrder).Fulfillable {
				t.Errorf("the payment is held because of its refund: %+v", out)
			}
		})
	}
}

func TestOrderChangedTellsOfFactsOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edits []edit
		want  store.Verdict
	}{
		"nothing":                    {nil, store.Unchanged},
		"the mark alone":             {[]edit{modified(time.Now())}, store.Unchanged},
		"a transaction's mark alone": {[]edit{inTransaction("modified", "2026-03-02T10:00:00Z")}, store.Unchanged},
		"an unknown member":          {[]edit{with("brand_new", 1)}, store.Unchanged},
		"the description":            {[]edit{with("description", "other")}, store.Changed},
		"the reference":              {[]edit{with("merchant_order_id", "other")}, store.Changed},
		"a transaction":              {[]edit{inTransaction("payment_method", "vipps")}, store.Changed},
		"a flag that holds":          {[]edit{with("flags", []string{"is-test", "has-voids"})}, store.Changed},
		"the status":                 {[]edit{with("status", "processing")}, store.Changed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, document(t, fixturePaid))
			if out := b.see(t, document(t, fixturePaid, c.edits...)); out.Verdict != c.want {
				t.Errorf("verdict %q with events %q, want %q", out.Verdict, out.Events, c.want)
			}
		})
	}
}

// inTransaction sets a member of the only transaction.
func inTransaction(name string, value any) edit {
	return func(doc map[string]any) { doc["transactions"].([]any)[0].(map[string]any)[name] = value }
}

func TestNewToProcessingIsAChangeWithinPending(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixtureNew, created(time.Now())))
	b.see(t, document(t, fixtureProcessing, created(time.Now())))
	b.wantFeed(t, "order.pending", "order.changed")
}

func TestAnomalyIsToldBesideTheChange(t *testing.T) {
	t.Parallel()
	refunded := document(t, fixtureRefunded, with("refunded_amount", 1295), without("amount_details"))
	for name, c := range map[string]struct {
		then func(t *testing.T, b *bench)
		want []string
	}{
		"paid, then cancelled": {
			func(t *testing.T, b *bench) { b.see(t, document(t, fixturePaid, with("status", "cancelled"))) },
			[]string{"order.paid", "order.cancelled", "order.anomaly"},
		},
		"paid, then another amount": {
			func(t *testing.T, b *bench) { b.see(t, document(t, fixturePaid, with("amount", 1))) },
			[]string{"order.paid", "order.changed", "order.anomaly"},
		},
		"paid, then another currency": {
			func(t *testing.T, b *bench) { b.see(t, document(t, fixturePaid, with("currency", "NOK"))) },
			[]string{"order.paid", "order.changed", "order.anomaly"},
		},
		"paid, then refunded": {
			func(t *testing.T, b *bench) { b.see(t, refunded) },
			[]string{"order.paid", "order.refunded"},
		},
		"refunded, then paid": {
			func(t *testing.T, b *bench) { b.see(t, refunded); b.see(t, document(t, fixturePaid)) },
			[]string{"order.paid", "order.refunded", "order.paid", "order.anomaly"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.see(t, document(t, fixturePaid))
			c.then(t, b)
			b.wantFeed(t, c.want...)
		})
	}
}

func TestPaidOrderIsRecheckedRarely(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const day = 24 * time.Hour
	b.see(t, document(t, fixturePaid))
	b.wantDue(t, anOrder, day+day/20, day/20+time.Minute) // put off by up to a tenth
	for _, c := range []struct{ settled, recheck time.Duration }{{day, 7 * day}, {7 * day, 30 * day}} {
		b.exec(t, `update orders set settled_at = now() - $1::interval`, c.settled+time.Minute)
		b.answer(t, b.claimNow(t, anOrder), document(t, fixturePaid))
		b.wantDue(t, anOrder, c.recheck-c.settled+c.recheck/20, c.recheck/20+2*time.Minute)
	}
	b.exec(t, `update orders set settled_at = now() - interval '31 days'`)
	b.answer(t, b.claimNow(t, anOrder), document(t, fixturePaid))
	if in, ok := b.dueIn(t, anOrder); ok {
		t.Errorf("due in %v after the last recheck, want never", in)
	}
	b.wantFeed(t, "order.paid")
	b.hint(t, anOrder)
	b.wantDue(t, anOrder, 0, time.Second)
}

func TestOneAnswerThatCannotBeStoredSparesItsNeighbours(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `alter table orders add constraint refused check (order_id not in ('bad-1', 'bad-2'))`)
	ids := []string{"good-1", "bad-1", "good-2", "good-3", "bad-2", "good-4", "good-5"}
	b.hint(t, ids...)
	claims := b.claimByID(t)
	var results []store.Result
	for _, id := range ids {
		results = append(results, answered(claims[id], paid(t, id)))
	}
	_, errs := b.tryTogether(t, results...)
	for i, id := range ids {
		if bad := id[:3] == "bad"; bad != (errs[i] != nil) {
			t.Errorf("Apply for %s: %v", id, errs[i])
		}
	}
	if len(b.feed(t)) != 5 {
		t.Errorf("feed %q, want five events", types(b.feed(t)))
	}
	b.exec(t, `update checks set due_at = now() where lease is not null`)
	if due := b.claim(t); len(due) < 2 {
		t.Errorf("%d orders come back, want the refused ones", len(due))
	}
}
