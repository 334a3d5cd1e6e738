package control

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/sandbox"
)

// maxRepeats is the most webhooks that are sent about one order at one call.
const maxRepeats = 1000

func (c *control) webhookRoutes(r chi.Router) {
	r.Get("/sandbox/webhooks", serve(c.showDeliveries))
	r.Post("/sandbox/webhooks", serve(c.sendWebhooks))
	r.Post("/sandbox/webhooks/flood", serve(c.flood))
}

type deliveryList struct {
	Deliveries []deliveryView `json:"deliveries"`
}

// deliveryView is a webhook and what became of it.
type deliveryView struct {
	OrderID           string                `json:"order_id"`
	Event             string                `json:"event"`
	TransactionID     string                `json:"transaction_id,omitempty"`
	TransactionStatus string                `json:"transaction_status,omitempty"`
	Forged            bool                  `json:"forged,omitempty"`
	URL               string                `json:"url"`
	Body              string                `json:"body"`
	At                time.Time             `json:"at"`
	State             sandbox.DeliveryState `json:"state"`
	Attempts          []attemptView         `json:"attempts"`
}

// attemptView is one try to deliver a webhook: the status of the answer, or why there was none.
type attemptView struct {
	At     time.Time `json:"at"`
	Status int       `json:"status,omitempty"`
	Error  string    `json:"error,omitempty"`
}

func viewDeliveries(log []sandbox.Delivery) []deliveryView {
	views := make([]deliveryView, len(log))
	for i, d := range log {
		views[i] = deliveryView{
			OrderID: d.OrderID, Event: d.Event, TransactionID: d.TransactionID, TransactionStatus: d.TransactionStatus,
			Forged: d.Forged, URL: d.URL, Body: d.Body, At: d.At.UTC(), State: d.State,
			Attempts: make([]attemptView, len(d.Attempts)),
		}
		for n, a := range d.Attempts {
			views[i].Attempts[n] = attemptView{At: a.At.UTC(), Status: a.Status, Error: a.Error}
		}
	}
	return views
}

func (c *control) showDeliveries(r *http.Request) (int, any, error) {
	log := c.gateway.Deliveries(r.URL.Query().Get("order_id"))
	return http.StatusOK, deliveryList{viewDeliveries(log)}, nil
}

// sending is an answer that says how many webhooks are on their way.
type sending struct {
	Count int `json:"count"`
}

func (c *control) sendWebhooks(r *http.Request) (int, any, error) {
	asked, err := readMembers(r)
	if err != nil {
		return 0, nil, err
	}
	w := readWebhooks(asked)
	if err := asked.end(); err != nil {
		return 0, nil, err
	}
	if !c.reachable(w.orderID) {
		return 0, nil, conflict("there is no webhook URL: neither the sandbox nor the order has one")
	}
	w.send(c.gateway)
	return http.StatusAccepted, sending{w.count}, nil
}

// reachable reports whether a webhook about an order has anywhere to go.
func (c *control) reachable(id string) bool {
	doc, err := c.gateway.Document(id)
	return c.gateway.Settings().WebhookURL != "" || err == nil && doc["webhook_url"] != nil
}

// webhooks are webhooks to be sent about one order, which need not exist.
type webhooks struct {
	orderID  string
	count    int
	interval time.Duration
}

func readWebhooks(asked *members) webhooks {
	w := webhooks{
		orderID:  asked.text("order_id"),
		count:    int(asked.integer("count", 1, maxRepeats, 1)),
		interval: asked.period("interval", 0),
	}
	if w.orderID == "" && !asked.wrong("order_id") {
		asked.refuse("order_id", "is required")
	}
	return w
}

func (w webhooks) send(g *sandbox.Gateway) { g.SendWebhooks(w.orderID, w.count, w.interval) }

func (c *control) flood(r *http.Request) (int, any, error) {
	asked, err := readMembers(r)
	if err != nil {
		return 0, nil, err
	}
	f := readFlood(asked)
	if err := asked.end(); err != nil {
		return 0, nil, err
	}
	if err := c.gateway.Flood("", f.count, f.perSecond); err != nil {
		return 0, nil, refused(err)
	}
	return http.StatusAccepted, sending{f.count}, nil
}

// flood is a flood of forged webhooks to be sent.
type flood struct {
	count     int
	perSecond float64
}

func readFlood(asked *members) flood {
	return flood{
		count:     int(asked.integer("count", 1, sandbox.MaxFlood, 100)),
		perSecond: asked.number("per_second", 0, sandbox.MaxFlood, 0),
	}
}
