package sandbox

import "time"

// Capture takes reserved money, all of it or a part, as the merchant would. There is one capture for an authorization
// (CONTRACT 11, C11): what it leaves is released, unless Config.SeveralCaptures says otherwise.
func (g *Gateway) Capture(id string, amount int64) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error { return g.capture(o, amount, now) })
}

// Void gives all the money still reserved back before any of it is captured. The order stays completed
// (CONTRACT 11, C27).
func (g *Gateway) Void(id string) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error { return o.void(o.funds.Voidable, now) })
}

// capture takes reserved money. The caller holds o.mu.
func (g *Gateway) capture(o *order, amount int64, now time.Time) error {
	if err := o.mayMove(o.funds.Capturable, "captured"); err != nil {
		return err
	}
	if left := o.funds.Capturable; amount < 1 || amount > left {
		return invalid("amount", aboutAmount, "%d cannot be captured: %d is capturable", amount, left)
	}
	o.capture(amount, now)
	if !g.severalCaptures {
		o.release(now)
	}
	return nil
}

// mayMove refuses what cannot be done to reserved money whatever the amount.
func (o *order) mayMove(left int64, how string) error {
	if status := o.doc.text("status"); status != statusCompleted {
		return impossible("nothing can be %s while the order is %s", how, status)
	}
	if left == 0 {
		return impossible("nothing can be %s: nothing was reserved, or it was captured, voided or lost", how)
	}
	return nil
}

// capture takes an amount that is reserved. From then on nothing can be voided.
func (o *order) capture(amount int64, now time.Time) {
	o.funds.Capturable -= amount
	o.funds.Captured += amount
	o.funds.Refundable += amount
	o.funds.Voidable = 0
	o.doc.add("flags", "has-captures")
	if tx := o.doc.authorization(); tx != nil {
		tx["is_fully_captured"] = o.funds.Captured == tx.integer("amount")
		tx["modified"] = stamp(now)
	}
	if o.funds.Capturable == 0 {
		o.release(now)
	}
}

// void gives reserved money back. A part may be voided, and then another, and the rest captured; after a capture nothing
// is voidable (CONTRACT 2.9). The caller holds o.mu.
func (o *order) void(amount int64, now time.Time) error {
	if err := o.mayMove(o.funds.Voidable, "voided"); err != nil {
		return err
	}
	if left := o.funds.Voidable; amount < 1 || amount > left {
		return invalid("amount", aboutAmount, "%d cannot be voided: %d is voidable", amount, left)
	}
	o.funds.Voidable -= amount
	o.funds.Capturable -= amount
	o.funds.Voided += amount
	o.doc.add("flags", "has-voids")
	if o.funds.Capturable == 0 {
		o.release(now)
	}
	return nil
}

// release ends an authorization: nothing of it can be captured or voided any more.
func (o *order) release(now time.Time) {
	o.funds.Capturable, o.funds.Voidable = 0, 0
	if tx := o.doc.authorization(); tx != nil {
		tx["is_capturable"] = false
		tx["modified"] = stamp(now)
	}
}

// captureMode returns when the money is to be taken, "" for at once. The order may say it, or a transaction
// (CONTRACT 11, C6).
func (d document) captureMode() string {
	mode := d.text("capture_mode")
	for _, tx := range d.transactions() {
		if tx.text("status") == txCompleted && mode == "" {
			mode = tx.text("capture_mode")
		}
	}
	return mode
}
