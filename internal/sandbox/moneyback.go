package sandbox

import (
	"fmt"
	"time"
)

// Chargeback has the customer's bank take back the captured money that was not given back yet: all that is refundable,
// which is nothing afterwards. The chargeback is an order of its own, whose id is returned; the charged order stays
// completed and names it. Both orders send a webhook.
func (g *Gateway) Chargeback(id string) (chargebackID string, err error) {
	return g.takeBack(id, "chargeback")
}

// Reversal has that money reversed, as Chargeback does but under that name (CONTRACT 2.2).
func (g *Gateway) Reversal(id string) (reversalID string, err error) {
	return g.takeBack(id, "reversal")
}

// takeBack moves what is refundable back in an order of its own, of a kind the members of both orders are named by.
func (g *Gateway) takeBack(id, kind string) (backID string, err error) {
	var back *order
	err = g.changeAndTell(id, func(o *order, now time.Time) error {
		amount := o.funds.Refundable
		if amount == 0 {
			return errNothingLeft()
		}
		back = g.moneyBack(o, amount, now)
		back.doc[kind+"_of_order_id"] = o.id
		back.settle(false, now)
		if err := g.open(back); err != nil {
			return err
		}
		o.funds.Refundable, o.takenBack = 0, o.takenBack+amount
		o.doc.add(kind+"_orders", back.id)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", kind, err)
	}
	g.SendWebhook(back.id)
	return back.id, nil
}

// errNothingLeft refuses to give back what is not there.
func errNothingLeft() error {
	return impossible("there is nothing to give back: no money was taken, or all of it went back")
}

// moneyBack returns an order, under way and not yet stored, that moves amount from the merchant back to the payer of o.
// The caller holds o.mu.
func (g *Gateway) moneyBack(o *order, amount int64, now time.Time) *order {
	back := g.newOrder()
	back.doc["amount"] = amount
	for _, name := range []string{"currency", "description", "locale", "webhook_url"} {
		if value, present := o.doc[name]; present {
			back.doc[name] = value
		}
	}
	back.doc["expiration_period"] = nil
	back.doc["status"] = statusProcessing
	method := methodCard
	for _, paid := range o.doc.transactions() {
		if paid.text("status") == txCompleted {
			method = paid.text("payment_method")
		}
	}
	tx := g.addTransaction(back, method, now)
	tx["credit_debit"] = "debit"
	tx.move(txPending, now)
	return back
}

// settle ends an order that moves money back.
func (o *order) settle(failed bool, now time.Time) {
	o.doc["status"], o.doc["completed"] = statusCompleted, stamp(now)
	ended := txCompleted
	if failed {
		o.doc["status"], o.doc["completed"] = statusError, nil
		ended = txError
	}
	for _, tx := range o.doc.transactions() {
		tx.move(ended, now)
		if failed {
			tx["reason"] = "ERROR_TRANSACTION_FAILED"
		}
	}
}
