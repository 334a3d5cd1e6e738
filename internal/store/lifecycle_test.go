package store_test

import "testing"

func TestWebhookBecomesOrderAndEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder, anOrder, anOrder)
	c := b.claimOne(t)
	if len(b.claim(t)) != 0 {
		t.Error("a claimed order was claimed again")
	}
	out := b.answer(t, c, document(t, fixturePaid))
	if out.Verdict != "changed" || out.Again {
		t.Errorf("outcome %+v", out)
	}
	o := b.order(t, anOrder)
	if o.State != "paid" || !o.Fulfillable || o.Webhooks.Count != 3 || o.Seq != 1 {
		t.Errorf("order %+v", o)
	}
	b.wantFeed(t, "order.paid")
	if out := b.see(t, document(t, fixturePaid)); out.Verdict != "unchanged" {
		t.Errorf("the same answer again: %+v", out)
	}
	b.wantFeed(t, "order.paid")
}
