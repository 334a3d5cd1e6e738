package store_test

import (
	"testing"
	"time"

	"webhookd/internal/store"
)

func TestPromise5_OldNeverOverwritesNew(t *testing.T) {
	t.Parallel()
	stored := time.Now().Add(-time.Hour).Truncate(time.Second)
	mark := func(offset time.Duration) edit { return modified(stored.Add(offset)) }
	for name, c := range map[string]struct {
		mark  edit          // of the second answer; the first has an offset of 0
		asked time.Duration // after the first
		want  store.Verdict
	}{
		"changed later, asked later":                      {mark(1), time.Second, store.Changed},
		"changed later, asked earlier":                    {mark(time.Second), -time.Second, store.Changed},
		"same mark, asked later":                          {mark(0), time.Second, store.Changed},
		"same mark, asked earlier":                        {mark(0), -time.Second, store.Older},
		"same mark but for what we cannot store, earlier": {mark(100), -time.Second, store.Older},
		"changed earlier, asked earlier":                  {mark(-time.Second), -time.Second, store.Older},
		"changed earlier, asked soon after":               {mark(-time.Second), 30 * time.Second, store.Stale},
		"changed earlier, asked long after":               {mark(-time.Second), time.Hour, store.Changed},
		"no mark, asked later":                            {without("modified"), time.Second, store.Changed},
		"no mark, asked earlier":                          {without("modified"), -time.Second, store.Older},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.hint(t, anOrder)
			asked := time.Now()
			b.apply(t, store.Result{
				Claim: b.claimOne(t), Asked: asked,
				Order: document(t, fixturePaid, mark(0), with("description", "first")),
			})
			out := b.apply(t, store.Result{
				Claim: b.claimNow(t, anOrder), Asked: asked.Add(c.asked),
				Order: document(t, fixturePaid, c.mark, with("description", "second")),
			})
			if out.Verdict != c.want {
				t.Errorf("verdict %q, want %q", out.Verdict, c.want)
			}
			want, feed := "first", "order.paid"
			if c.want == store.Changed {
				want, feed = "second", "order.paid order.changed"
			}
			if o := b.order(t, anOrder); *o.Description != want {
				t.Errorf("the %s answer is stored, want the %s", *o.Description, want)
			}
			b.wantFeed(t, feed)
			if c.want == store.Stale {
				b.wantDue(t, anOrder, 30*time.Second, 2*time.Second) // as long again as since the answer that is stored
				return
			}
			// As after any look at an order just paid: the recheck is put off by up to a tenth.
			const putOff = 24 * time.Hour / 20
			b.wantDue(t, anOrder, 24*time.Hour+putOff, putOff+2*time.Second)
		})
	}
}

func TestPromise3_TheSameAnswerTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	r := answered(b.claimOne(t), document(t, fixturePaid))
	if out := b.apply(t, r); out.Verdict != store.Changed {
		t.Errorf("the first time: %q", out.Verdict)
	}
	before := b.schedule(t, anOrder)
	if out := b.apply(t, r); out.Verdict != store.Unchanged {
		t.Errorf("the second time: %q", out.Verdict)
	}
	if after := b.schedule(t, anOrder); !after.DueAt.Equal(*before.DueAt) {
		t.Errorf("applying an answer again moved the next look from %v to %v", before.DueAt, after.DueAt)
	}
	b.wantFeed(t, "order.paid")
}

// TestAnswersForOneOrderInOneBatch has answers of several holders share a commit.
func TestAnswersForOneOrderInOneBatch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	first := b.claimOne(t)
	second := b.claimNow(t, anOrder)
	now := time.Now()
	late := document(t, fixtureProcessing, modified(now.Add(-time.Second)))
	outcomes := b.applyTogether(t,
		store.Result{Claim: second, Asked: now, Order: document(t, fixturePaid, modified(now))},
		store.Result{Claim: first, Asked: now.Add(-time.Second), Order: late},
		store.Result{Claim: second, Asked: now, Order: document(t, fixturePaid, modified(now))},
	)
	for i, want := range []store.Verdict{store.Changed, store.Older, store.Unchanged} {
		if outcomes[i].Verdict != want {
			t.Errorf("answer %d is %q, want %q", i, outcomes[i].Verdict, want)
		}
	}
	if o := b.order(t, anOrder); o.State != "paid" {
		t.Errorf("state %s", o.State)
	}
	b.wantFeed(t, "order.paid")
}

func TestTheOrderNeverLosesItsNewestDocument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	doc := document(t, fixtureUnknownFields)
	b.see(t, doc)
	if got := one[string](t, b, `select doc::text from orders`); got != string(doc.Raw) {
		t.Errorf("stored document:\n%s\nwant it as it came:\n%s", got, doc.Raw)
	}
	// What nobody reads has changed: no news for the feed, but the last document is kept.
	doc = document(t, fixtureUnknownFields, with("risk", "low"))
	if out := b.see(t, doc); out.Verdict != store.Unchanged {
		t.Errorf("verdict %q", out.Verdict)
	}
	if got := one[string](t, b, `select doc::text from orders`); got != string(doc.Raw) {
		t.Errorf("stored document:\n%s\nwant the last:\n%s", got, doc.Raw)
	}
	b.wantFeed(t, "order.paid")
}
