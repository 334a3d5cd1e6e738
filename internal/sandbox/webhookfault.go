package sandbox

import (
	"context"
	"time"
)

// reorderLimit is how long a webhook waits at most for another that may overtake it.
const reorderLimit = time.Minute

// WebhookFault makes a webhook go wrong.
type WebhookFault struct {
	kind  FaultKind
	lost  bool
	extra int // copies beyond the first
	delay time.Duration
	back  bool // behind the next one
}

func (f WebhookFault) about() FaultKind { return f.kind }

// Lose never sends the webhook. The delivery log shows it as lost.
func Lose() WebhookFault { return WebhookFault{kind: FaultKind{Name: "lose"}, lost: true} }

// Duplicate sends the webhook and n more like it, all at once; each is delivered on its own.
func Duplicate(n int) WebhookFault {
	n = max(n, 0)
	return WebhookFault{kind: FaultKind{Name: "duplicate", Copies: n}, extra: n}
}

// Delay sends the webhook late by d on the gateway's clock.
func Delay(d time.Duration) WebhookFault {
	return WebhookFault{kind: FaultKind{Name: "delay", Delay: d}, delay: d}
}

// Reorder sends the webhook after the next one, of whatever order, has been sent once; if none is sent within a minute
// of the gateway's clock, then after that. While a webhook waits so, the next one is never held back itself: two change
// places.
func Reorder() WebhookFault { return WebhookFault{kind: FaultKind{Name: "reorder"}, back: true} }

// BreakWebhooks has f happen to the next n webhooks of an order, or to all of them until lift is called if n is 0. An
// empty id stands for every order. If several faults are to happen to a webhook, the oldest does.
func (g *Gateway) BreakWebhooks(id string, n int, f WebhookFault) (lift func()) {
	_, lift = g.BreakWebhooksBy(FaultRule{OrderID: id, Times: n}, f)
	return lift
}

// BreakWebhooksBy has f happen to the webhooks of a rule. The id is for [Gateway.LiftFault]; lift does the same. If
// several faults are to happen to a webhook, the oldest does.
func (g *Gateway) BreakWebhooksBy(rule FaultRule, f WebhookFault) (id string, lift func()) {
	rule.On = OpWebhook
	return g.courier.faults.put(rule, f)
}

// heldWebhook is what a webhook waits for before it is sent.
type heldWebhook struct {
	turn      int
	ring      <-chan struct{} // by the clock; nil when it is sent at once
	stop      func() bool     // stops ring; nil like it
	overtaken <-chan struct{} // nil when nothing need overtake it
	leave     func()
}

// hold has a webhook wait for what its fault says.
func (c *courier) hold(f WebhookFault) heldWebhook {
	turn, overtaken := c.line.join(f.back)
	held := heldWebhook{turn: turn, overtaken: overtaken, leave: func() { c.line.leave(turn) }}
	switch {
	case overtaken != nil:
		held.ring, held.stop = alarm(c.clock, reorderLimit)
	case f.delay > 0:
		held.ring, held.stop = alarm(c.clock, f.delay)
	default:
		held.stop = func() bool { return false }
	}
	return held
}

func (h heldWebhook) state() DeliveryState {
	if h.ring == nil {
		return DeliveryWaiting
	}
	return DeliveryHeld
}

// await returns when the webhook may be sent, or with false when ctx ends.
func (h heldWebhook) await(ctx context.Context) bool {
	if h.ring == nil {
		return true
	}
	defer h.leave()
	defer h.stop()
	select {
	case <-h.ring:
	case <-h.overtaken:
	case <-ctx.Done():
		return false
	}
	return true
}
