package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"webhookd/internal/sandbox"
)

// customer is somebody who buys in the shop again and again. Each has a course of chance of its own.
type customer struct {
	w      *World
	rng    *rand.Rand
	name   string
	orders int
}

// run buys until ctx ends.
func (c *customer) run(ctx context.Context) {
	for ctx.Err() == nil {
		id, ok := c.order(ctx)
		if ok {
			c.live(ctx, id)
		}
		c.idle(ctx)
	}
}

// idle waits as a person does, in short.
func (c *customer) idle(ctx context.Context) bool {
	return pause(ctx, between(c.rng, 0, 250*time.Millisecond))
}

// order makes an order in one of the ways in which shops do.
func (c *customer) order(ctx context.Context) (id string, ok bool) {
	c.orders++
	amount := int64(100 + c.rng.IntN(20000))
	reference := fmt.Sprintf("%s-%d", c.name, c.orders)
	fields := map[string]any{
		"amount": amount, "currency": "EUR", "merchant_order_id": reference,
		"customer": map[string]any{"first_name": canary, "address": canary + " 1", "email_address": canary + "@example.test"},
	}
	if c.rng.IntN(5) == 0 {
		fields["capture_mode"], fields["expiration_period"] = "manual", "P7D"
	}
	switch c.rng.IntN(10) {
	case 0, 1, 2:
		return c.create(ctx, reference, fields)
	case 3: // nobody registers it, and its webhooks go nowhere: only the sweep can find it
		return c.open(fields)
	}
	fields["webhook_url"] = c.w.anyReplica(c.rng).hookURL()
	if id, ok = c.open(fields); !ok {
		return "", false
	}
	switch c.rng.IntN(4) {
	case 0:
		c.register(ctx, id, Expectation{reference, amount, "EUR"})
	case 1:
		e := Expectation{reference, amount, "EUR"}
		switch c.rng.IntN(4) { // what the shop believes is not what the gateway has
		case 0:
			e.Amount++
		case 1:
			e.Currency = "GBP"
		case 2:
			e.MerchantOrderID += "-x"
		}
		c.register(ctx, id, e)
	}
	return id, true
}

// open makes an order at the gateway, past the service.
func (c *customer) open(fields map[string]any) (id string, ok bool) {
	id, err := c.w.Gateway.Create(fields)
	if err != nil {
		c.w.Ledger.Find("harness", "make an order: %v", err)
		return "", false
	}
	c.w.Ledger.count("orders")
	return id, true
}

// register tells the service of an order, and does not give up until it has taken it.
func (c *customer) register(ctx context.Context, id string, e Expectation) {
	body := map[string]any{"merchant_order_id": e.MerchantOrderID, "amount": e.Amount, "currency": e.Currency}
	c.w.Ledger.tries(id, e)
	for ctx.Err() == nil {
		switch c.w.ask(ctx, c.w.anyReplica(c.rng), http.MethodPut, "/v1/orders/"+id, body).code {
		case http.StatusOK, http.StatusCreated:
			c.w.Ledger.registered(id, e)
			c.w.Ledger.count("registrations")
			return
		case http.StatusConflict:
			c.w.Ledger.Find("register", "order %s was registered once, and is refused as registered otherwise", id)
			return
		}
		c.idle(ctx)
	}
}

// live is what happens to an order: its customer pays, fails, cancels or goes away, and then it is the shop's turn.
func (c *customer) live(ctx context.Context, id string) {
	c.idle(ctx)
	switch c.rng.IntN(10) {
	case 0:
		c.do("cancellations", c.w.Gateway.Cancel(id))
		return
	case 1:
		c.do("expiries", c.w.Gateway.Expire(id))
		return
	case 2:
		return // goes away
	case 3:
		c.do("declines", c.w.Gateway.Pay(id, sandbox.CardDoNotHonor))
		c.idle(ctx)
	}
	if !c.do("payments", c.w.Gateway.Pay(id, sandbox.CardVisa)) {
		return
	}
	c.idle(ctx)
	doc, err := orderAt(c.w.Gateway, id)
	if err != nil {
		c.w.Ledger.Find("harness", "read order %s: %v", id, err)
		return
	}
	if doc.CaptureMode != "" {
		c.reserved(ctx, id, doc.Amount)
		return
	}
	c.paid(ctx, id, doc.Amount)
}

// do takes down an act at the gateway. One that it refuses, since the order has gone another way meanwhile, is none.
func (c *customer) do(what string, err error) bool {
	if err != nil {
		return false
	}
	c.w.Ledger.count(what)
	return true
}

// reserved captures or voids.
func (c *customer) reserved(ctx context.Context, id string, amount int64) {
	switch c.rng.IntN(6) {
	case 0:
		c.do("captures in the portal", c.w.Gateway.Capture(id, amount))
	case 1:
		c.do("voids in the portal", c.w.Gateway.Void(id))
	case 2:
		c.move(ctx, "void", id, amount)
	case 3:
		c.move(ctx, "capture", id, amount/2)
	case 4:
		c.move(ctx, "capture", id, amount)
	}
}

// paid refunds, or has the bank take the money back.
func (c *customer) paid(ctx context.Context, id string, amount int64) {
	switch c.rng.IntN(8) {
	case 0:
		_, err := c.w.Gateway.Refund(id, amount/3)
		c.do("refunds in the portal", err)
	case 1:
		_, err := c.w.Gateway.Chargeback(id)
		c.do("chargebacks", err)
	case 2:
		c.move(ctx, "refund", id, amount)
	case 3, 4:
		c.move(ctx, "refund", id, amount/2)
		c.move(ctx, "refund", id, amount/4)
	}
}
