package sandbox

import (
	"fmt"
	"time"
)

// Refund gives money back to the customer, in minor units, as the merchant portal would. The refund is an order of its
// own (CONTRACT 2.8) whose id is returned; it is completed at once, and both orders send a webhook.
func (g *Gateway) Refund(id string, amount int64) (refundID string, err error) {
	var back *order
	err = g.changeAndTell(id, func(o *order, now time.Time) error {
		if amount < 1 || amount > o.funds.Refundable {
			return impossible("%d cannot be refunded: %d is refundable", amount, o.funds.Refundable)
		}
		back = g.moneyBack(o, amount, now)
		back.doc["refund_of_order_id"] = o.id
		back.doc.add("flags", "is-refund")
		if err := g.open(back); err != nil {
			return err
		}
		o.funds.Refundable -= amount
		o.funds.Refunded += amount
		o.doc.add("flags", "has-refunds")
		o.doc.add("refund_orders", back.id)
		o.doc["refunded_amount"] = o.funds.Refunded
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("refund: %w", err)
	}
	g.SendWebhook(back.id)
	return back.id, nil
}

// Chargeback has the customer's bank take the captured money back. The chargeback is an order of its own, whose id is
// returned; the charged order stays completed and names it. Both orders send a webhook.
func (g *Gateway) Chargeback(id string) (chargebackID string, err error) {
	var back *order
	err = g.changeAndTell(id, func(o *order, now time.Time) error {
		if o.funds.Captured == 0 {
			return impossible("no money was taken")
		}
		back = g.moneyBack(o, o.funds.Captured, now)
		back.doc["chargeback_of_order_id"] = o.id
		if err := g.open(back); err != nil {
			return err
		}
		o.doc.add("chargeback_orders", back.id)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("charge back: %w", err)
	}
	g.SendWebhook(back.id)
	return back.id, nil
}

// moneyBack returns a completed order, not yet stored, that moves amount from the merchant back to the payer of o. The
// caller holds o.mu.
func (g *Gateway) moneyBack(o *order, amount int64, now time.Time) *order {
	back := g.newOrder()
	back.doc["amount"] = amount
	for _, name := range []string{"currency", "description", "locale", "webhook_url"} {
		if value, present := o.doc[name]; present {
			back.doc[name] = value
		}
	}
	back.doc["expiration_period"] = nil
	back.doc["status"] = statusCompleted
	back.doc["completed"] = stamp(now)
	method := methodCard
	for _, paid := range o.doc.transactions() {
		if paid.text("status") == txCompleted {
			method = paid.text("payment_method")
		}
	}
	tx := g.addTransaction(back, method, now)
	tx["credit_debit"] = "debit"
	tx.move(txCompleted, now)
	return back
}
