package sandbox

import (
	"encoding/json"
	"fmt"
	"time"
)

// Create makes an order as POST /v1/orders/ does, and returns its id. The fields are those of the request
// (CONTRACT 2.1); a field the API would refuse is refused here too.
func (g *Gateway) Create(fields map[string]any) (id string, err error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return "", fmt.Errorf("create order: %w", err)
	}
	o, err := g.create(body)
	if err != nil {
		return "", fmt.Errorf("create order: %w", err)
	}
	return o.id, nil
}

// create makes an order of the body of a request, and starts its expiry. It sends no webhook: nothing has happened to
// the order yet (CONTRACT 4.1).
func (g *Gateway) create(body []byte) (*order, error) {
	asked, err := parseDocument(body)
	if err != nil {
		return nil, invalid("", "", "the body must be a JSON object: %v", err)
	}
	if err := g.request("", "Order", map[string]any(asked)); err != nil {
		return nil, err
	}
	if asked.text("capture_mode") == "delayed" && asked["expiration_period"] == nil {
		return nil, invalid("expiration_period", "Time the customer has to pay",
			"is required when capture_mode is delayed")
	}
	o := g.newOrder()
	for _, name := range echoed() {
		if value, given := asked[name]; given {
			o.doc[name] = value
		}
	}
	o.expires, _ = endOfPeriod(o.created, o.doc.text("expiration_period"))
	o.doc["order_url"] = g.payPage(o.id)
	g.prepareLines(o, asked)
	g.prepareTransactions(o, asked)
	return o, g.open(o)
}

// newOrder returns an order with what every order has, not yet stored.
func (g *Gateway) newOrder() *order {
	now := g.clock.Now().Truncate(time.Microsecond)
	id := newID()
	flags := []any{}
	if !g.production {
		flags = append(flags, "is-test")
	}
	return &order{id: id, created: now, doc: document{
		"id":                     id,
		"merchant_id":            g.merchantID,
		"project_id":             g.projectID,
		"merchant_order_id":      nil,
		"created":                stamp(now),
		"completed":              nil,
		"expiration_period":      defaultPeriod,
		"status":                 statusNew,
		"flags":                  flags,
		"last_transaction_added": nil,
	}}
}

// open stores a new order and shows it.
func (g *Gateway) open(o *order) error {
	if err := o.publish(o.created); err != nil {
		return fmt.Errorf("order %s: %w", o.id, err)
	}
	g.orders.add(o)
	o.arm(g.clock, func() { g.deadline(o.id) })
	g.log.Debug("order created", "order_id", o.id, "status", o.doc.text("status"))
	return nil
}

// prepareLines gives the order the lines of the request, each with an id.
func (g *Gateway) prepareLines(o *order, asked document) {
	lines := asked.list("order_lines")
	for _, line := range lines {
		line.(map[string]any)["id"] = newID()
	}
	if len(lines) > 0 {
		o.doc["order_lines"] = lines
	}
}

// prepareTransactions gives the order the transactions of the request, each with a page of its own (CONTRACT 2.1).
func (g *Gateway) prepareTransactions(o *order, asked document) {
	for _, given := range asked.list("transactions") {
		wanted := document(given.(map[string]any))
		tx := g.addTransaction(o, wanted.text("payment_method"), o.created)
		tx["payment_url"] = g.payPage(o.id) + wanted.text("payment_method") + "/" + tx.text("id") + "/"
		for _, name := range []string{"expiration_period", "capture_mode", "recurring_type", "schedule_type"} {
			if value, present := wanted[name]; present {
				tx[name] = value
			}
		}
	}
}

// payPage returns the address of an order's payment page.
func (g *Gateway) payPage(id string) string {
	return *g.publicURL.Load() + "/pay/" + id + "/select-payment-method/"
}
