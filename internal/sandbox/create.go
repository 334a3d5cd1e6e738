package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Create makes an order as POST /v1/orders/ does, and returns its id. The fields are those of the request
// (CONTRACT 2.1); a field the API would refuse is refused here too.
func (g *Gateway) Create(fields map[string]any) (id string, err error) {
	body, err := json.Marshal(fields)
	if err != nil {
		return "", fmt.Errorf("create order: %w", err)
	}
	asked, err := parseRequest(body, "Order", g.rules.create)
	if err != nil {
		return "", fmt.Errorf("create order: %w", err)
	}
	o, err := g.create(asked)
	if err != nil {
		return "", fmt.Errorf("create order: %w", err)
	}
	return o.id, nil
}

// create makes an order of a request that follows the rules, and starts its expiry. It sends no webhook for that:
// nothing has happened to the order yet (CONTRACT 4.1). Only a payment that settles at once is told.
func (g *Gateway) create(asked document) (*order, error) { return g.createFor("", asked) }

// createFor is create for an attempt to pay a payment link; without a link it is create.
func (g *Gateway) createFor(linkID string, asked document) (*order, error) {
	if err := delayedNeedsPeriod(asked); err != nil {
		return nil, err
	}
	o := g.newOrder()
	for _, name := range echoed() {
		if value, given := asked[name]; given {
			o.doc[name] = value
		}
	}
	if linkID != "" {
		o.doc["related_payment_link_id"] = linkID
	}
	o.expires, _ = endOfPeriod(o.created, o.doc.text("expiration_period"))
	o.doc["order_url"] = g.payPage(o.id)
	g.prepareLines(o, asked)
	if err := g.prepareTransactions(o, asked); err != nil {
		return nil, err
	}
	settled := o.doc.text("status") != statusNew // once it is open, the order may change under our hands
	if err := g.open(o); err != nil {
		return nil, err
	}
	if settled {
		g.SendWebhook(o.id)
	}
	return o, nil
}

// delayedNeedsPeriod refuses a delayed capture, named in either place, that does not say when (CONTRACT 2.1).
func delayedNeedsPeriod(asked document) error {
	if asked["expiration_period"] != nil {
		return nil
	}
	if asked.text("capture_mode") == "delayed" {
		return invalid("expiration_period", aboutPeriod, "is required when capture_mode is delayed")
	}
	for i, tx := range asked.transactions() {
		if tx.text("capture_mode") == "delayed" && tx["expiration_period"] == nil {
			path := "transactions[" + strconv.Itoa(i) + "].expiration_period"
			return invalid(path, aboutPeriod, "is required when capture_mode is delayed")
		}
	}
	return nil
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

// open stores a new order, shows it, and sets its timer.
func (g *Gateway) open(o *order) error {
	if err := o.publish(o.created); err != nil {
		return fmt.Errorf("order %s: %w", o.id, err)
	}
	g.log.Debug("order created", "order_id", o.id, "status", o.doc.text("status"))
	g.orders.add(o)
	o.mu.Lock() // others can find it now
	defer o.mu.Unlock()
	g.rearm(o)
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

// prepareTransactions gives the order the transactions of the request, each with a page of its own (CONTRACT 2.1). A
// recurring payment has no page: it is made with the stored card, at once.
func (g *Gateway) prepareTransactions(o *order, asked document) error {
	for i, wanted := range asked.transactions() {
		stored, err := g.storedCard(wanted, "transactions["+strconv.Itoa(i)+"]", o.created)
		if err != nil {
			return err
		}
		tx := g.addTransaction(o, wanted.text("payment_method"), o.created)
		for _, name := range []string{
			"expiration_period", "capture_mode", "recurring_type", "schedule_type", "first_transaction_id",
		} {
			if value, present := wanted[name]; present {
				tx[name] = value
			}
		}
		if wanted.text("recurring_type") == "recurring" {
			o.repeat(tx, stored)
			continue
		}
		tx["payment_url"] = g.payPage(o.id) + wanted.text("payment_method") + "/" + tx.text("id") + "/"
		g.offerCardForm(tx, wanted)
	}
	return nil
}

// payPage returns the address of an order's payment page.
func (g *Gateway) payPage(id string) string {
	return *g.publicURL.Load() + "/pay/" + id + "/select-payment-method/"
}
