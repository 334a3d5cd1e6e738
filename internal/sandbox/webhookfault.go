package sandbox

// opWebhook is the one thing that webhook faults happen to.
const opWebhook Operation = "webhook"

// WebhookFault makes a webhook go wrong.
type WebhookFault struct {
	lost  bool
	extra int // copies beyond the first
}

// Lose never sends the webhook. The delivery log shows it as lost.
func Lose() WebhookFault { return WebhookFault{lost: true} }

// Duplicate sends the webhook and n more like it, all at once; each is delivered on its own.
func Duplicate(n int) WebhookFault { return WebhookFault{extra: max(n, 0)} }

// BreakWebhooks has f happen to the next n webhooks of an order, or to all of them until lift is called if n is 0. An
// empty id stands for every order. If several faults are to happen to a webhook, the oldest does.
func (g *Gateway) BreakWebhooks(id string, n int, f WebhookFault) (lift func()) {
	return g.courier.faults.put(opWebhook, id, n, f)
}
