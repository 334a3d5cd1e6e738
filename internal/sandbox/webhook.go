package sandbox

import (
	"cmp"
	"net/http"
	"time"
)

// WebhookRules say how webhooks are delivered. Fields left zero have the real gateway's values (CONTRACT 4.2).
type WebhookRules struct {
	FirstTimeout time.Duration // for the first attempt; 4 s
	Timeout      time.Duration // for each later attempt; 10 s
	Attempts     int           // the first included; 11 (CONTRACT 11, C22)
	Interval     time.Duration // from the end of an attempt to the next; 2 min

	// Strict200 has only status 200 acknowledge a webhook, in the place of any 2xx (CONTRACT 11, C2).
	Strict200 bool
	// TransactionEvents has the webhook transaction_status_changed sent for each transaction whose status is another
	// than the last told, before the webhook of its order (CONTRACT 11, C17).
	TransactionEvents bool

	// Concurrency is how many attempts may be under way at once; 256. An attempt's time limit begins when it may start.
	Concurrency int
	// Transport sends the webhooks; one without a proxy when nil.
	Transport http.RoundTripper
}

const (
	eventStatus            = "status_changed"
	eventTransactionStatus = "transaction_status_changed"
)

// webhookEvent is the body of a webhook (CONTRACT 4.1).
type webhookEvent struct {
	Event             string `json:"event"`
	MerchantID        string `json:"merchant_id,omitempty"`
	ProjectID         string `json:"project_id"`
	OrderID           string `json:"order_id"`
	TransactionID     string `json:"transaction_id,omitempty"`
	TransactionStatus string `json:"transaction_status,omitempty"`
}

// SendWebhook sends the webhook status_changed for an order, as every change does that the gateway makes by itself. The
// order need not exist: its webhook then goes to Config.WebhookURL, as a forged one would. Without a URL none is sent.
func (g *Gateway) SendWebhook(id string) {
	to := g.courier.defaultURL
	o, err := g.orders.find(id)
	if err == nil {
		to = cmp.Or(o.answer.Load().hook, to)
	}
	if to == "" {
		return
	}
	if o != nil && g.courier.rules.TransactionEvents {
		for _, event := range g.untold(o) {
			g.send(event, to)
		}
	}
	g.send(webhookEvent{Event: eventStatus, OrderID: id, ProjectID: g.projectID}, to)
}

// SendWebhooks is SendWebhook n times: now, and then each time every has passed on the gateway's clock. It returns
// after the first.
func (g *Gateway) SendWebhooks(id string, n int, every time.Duration) {
	for ; n > 0; n-- {
		g.SendWebhook(id)
		if every > 0 && n > 1 {
			g.AfterFunc(every, func() { g.SendWebhooks(id, n-1, every) })
			return
		}
	}
}

// untold returns the events of the order's transactions that have changed since this was last asked. That a
// transaction is new is no change: that of its order is not told either.
func (g *Gateway) untold(o *order) []webhookEvent {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.told == nil {
		o.told = make(map[string]string)
	}
	var events []webhookEvent
	for _, tx := range o.doc.transactions() {
		id, status := tx.text("id"), tx.text("status")
		if status == cmp.Or(o.told[id], txNew) {
			continue
		}
		o.told[id] = status
		events = append(events, webhookEvent{
			Event: eventTransactionStatus, MerchantID: g.merchantID, ProjectID: g.projectID,
			OrderID: o.id, TransactionID: id, TransactionStatus: status,
		})
	}
	return events
}
