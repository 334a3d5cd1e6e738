package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// attempt is one try of a customer to pay.
type attempt struct {
	method  string
	brand   string         // of the card; empty for other methods
	details map[string]any // payment_method_details
	decline *decline       // nil when the payment goes through
	asks    *card          // the card if its bank asks for a code, else nil
	form    string         // names the form that was sent; empty when there was none
}

// Pay has the customer pay an order with a test card, given by its number. A card that is declined takes the order to
// error, which is no error of Pay; another Pay may follow. A card whose bank asks for a code leaves the order
// processing until [Gateway.Challenge] answers; another Pay gives that attempt up, but for the same card, which is
// refused. With a capture_mode the money is only reserved (CONTRACT 3.3). An order that is completed, cancelled or
// expired cannot be paid. With Config.Production every test card is declined.
func (g *Gateway) Pay(id, cardNumber string) error {
	c, known := findCard(cardNumber)
	if !known {
		return fmt.Errorf("pay order %s: no test card has this number", id)
	}
	return g.pay(id, c.attempt(g.clock.Now().AddDate(2, 0, 0)))
}

// Fail has the customer's payment of an order declined (Do Not Honor), as Pay does with CardDoNotHonor.
func (g *Gateway) Fail(id string) error { return g.Pay(id, CardDoNotHonor) }

// payable reports whether a customer may still pay. An order in error may be paid by another attempt (CONTRACT 11, C1).
// A refund is never paid by a customer.
func (d document) payable() bool {
	if d.text("refund_of_order_id") != "" {
		return false
	}
	switch d.text("status") {
	case statusNew, statusProcessing, statusError:
		return true
	default:
		return false
	}
}

// attempt returns a payment with the card.
func (c card) attempt(expiry time.Time) attempt {
	details := map[string]any{
		"truncated_pan": c.lastFour(),
		"card_expiry":   expiry.Format("012006"),
	}
	if c.decline == nil {
		details["cardholder_name"] = nil
	}
	try := attempt{method: methodCard, brand: c.brand, details: details, decline: c.decline}
	if c.codes != nil {
		try.asks = &c
	}
	return try
}

// pay takes an order through one attempt. The statuses between are events of the transaction; only the last one is
// shown and told.
func (g *Gateway) pay(id string, a attempt) error {
	if a.method == methodCard && g.production {
		a.decline = testCardInProduction()
	}
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		if err := o.admit(a); err != nil {
			return err
		}
		o.giveUpChallenge(now)
		tx := o.prepared(a.method, now)
		if tx == nil {
			tx = g.addTransaction(o, a.method, now)
		}
		tx["payment_method_details"] = a.details
		tx.move(txPending, now)
		switch {
		case a.decline != nil:
			o.fail(tx, a.decline, now)
		case a.asks != nil:
			o.ask(*a.asks, tx)
		default:
			o.complete(tx, a.brand, now)
			g.keepCard(tx, now)
		}
		return nil
	})
}

// admit refuses an attempt that cannot be made, or that is one made already: a form sent twice, or a card again whose
// challenge is open.
func (o *order) admit(a attempt) error {
	if !o.doc.payable() {
		return impossible("an order that is %s cannot be paid", o.doc.text("status"))
	}
	if a.asks != nil && o.challenged() != nil && o.challenge.card.number == a.asks.number {
		return impossible("this card waits to be confirmed already")
	}
	if a.form == "" {
		return nil
	}
	if slices.Contains(o.forms, a.form) {
		return impossible("this form was sent before")
	}
	o.forms = append(o.forms, a.form)
	return nil
}

// prepared returns the transaction that waits for a payment by method, nil if there is none. One whose own period is
// over waits no more, though the order does (CONTRACT 9.4).
func (o *order) prepared(method string, now time.Time) document {
	for _, tx := range o.doc.transactions() {
		s := tx.text("status")
		switch {
		case tx.text("payment_method") != method, s != txNew && s != txPending:
		case !now.Before(o.endOf(tx)):
			tx.move(txExpired, now)
			delete(tx, "payment_url")
		default:
			return tx
		}
	}
	return nil
}

// complete takes the order to completed by tx: the money is taken, or reserved if the shop wants to capture it.
func (o *order) complete(tx document, brand string, now time.Time) {
	tx.move(txCompleted, now)
	tx["completed"] = stamp(now)
	for _, one := range o.doc.transactions() {
		delete(one, "payment_url") // there only while the order can be paid
	}
	if brand != "" {
		tx["payment_method_brand"] = brand
	}
	o.doc["status"] = statusCompleted
	o.doc["completed"] = stamp(now)
	delete(o.doc, "customer_messages")
	amount := o.doc.integer("amount")
	if o.doc["capture_mode"] == nil && tx["capture_mode"] == nil { // see captureMode
		o.funds = funds{Captured: amount, Refundable: amount}
		return
	}
	tx["transaction_type"] = "authorization"
	tx["is_capturable"] = true
	tx["is_fully_captured"] = false
	o.funds = funds{Capturable: amount, Voidable: amount}
}

// fail takes the order to error by tx. It may be paid by another attempt.
func (o *order) fail(tx document, why *decline, now time.Time) {
	tx.move(txError, now)
	tx["reason"] = why.reason
	language := o.doc.language()
	message := why.message(&language.words)
	tx["customer_message"] = message
	tx["outcomes"] = map[string]any{
		"processing": map[string]any{
			"status":                    "error",
			"response_code":             why.code,
			"response_code_description": why.phrase,
			"merchant_advice_code":      nil,
			"error_description":         nil,
		},
		"fraud_prevention": map[string]any{
			"status": "accepted", "score": int64(0), "reason": nil, "error_description": nil,
		},
	}
	o.givePage(tx)
	o.doc["status"] = statusError
	o.doc["customer_messages"] = []any{message}
}

// givePage gives a transaction the address where it can be paid, unless it has one (CONTRACT 2, H2).
func (o *order) givePage(tx document) {
	if tx["payment_url"] == nil && o.doc.text("order_url") != "" {
		tx["payment_url"] = o.doc.text("order_url") + tx.text("payment_method") + "/" + tx.text("id") + "/"
	}
}

// Cancel has the customer cancel an order that is not paid.
func (g *Gateway) Cancel(id string) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		return o.cancel("Cancelled by customer", now)
	})
}

// Expire ends the time of an order that is not paid, whatever the clock says.
func (g *Gateway) Expire(id string) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		if !o.doc.payable() {
			return impossible("an order that is %s cannot expire", o.doc.text("status"))
		}
		o.expire(now)
		return nil
	})
}

// expire sets completed, as the gateway was seen to do (CONTRACT 11, C16).
func (o *order) expire(now time.Time) {
	if tx := o.challenged(); tx != nil {
		tx["reason"] = reasonNotAuthenticated // not confirmed in time: CONTRACT 7.3
	}
	o.doc["status"] = statusExpired
	o.doc["completed"] = stamp(now)
	o.doc.end(txExpired, "", now)
}

// SetStatus writes any status into an order, also one outside the vocabulary, and sends the webhook. Nothing else of
// the order changes: Pay, Cancel and Expire do the whole of what the gateway does.
func (g *Gateway) SetStatus(id, status string) error {
	return g.changeAndTell(id, func(o *order, _ time.Time) error {
		o.doc["status"] = status
		return nil
	})
}

// rearm sets the timer of an order to its deadline. The caller holds o.mu.
func (g *Gateway) rearm(o *order) {
	o.rearm(g.clock, func(due time.Time) { g.deadline(o, due) })
}

// deadline is called at an order's deadline: one that is not paid expires, money only reserved is captured (capture_mode
// delayed) or lost (manual; CONTRACT 2.9), and anything else stays as it is.
func (g *Gateway) deadline(o *order, due time.Time) {
	if !g.background.enter() {
		return
	}
	defer g.background.leave()
	err := g.change(o.id, func(o *order, now time.Time) error {
		switch {
		case !due.Equal(o.due): // it has moved while we came here
			return impossible("nothing is due")
		case o.doc.payable():
			o.expire(now)
		case o.funds.Capturable > 0 && o.doc.captureMode() == "delayed":
			o.capture(o.funds.Capturable, now)
		case o.funds.Capturable > 0:
			o.release(now)
		default:
			return impossible("nothing is due")
		}
		return nil
	})
	if err == nil { // an error only says that nothing was due
		g.SendWebhook(o.id)
	}
}
