package sandbox

import "time"

// Capture takes reserved money, all of it or a part, as the merchant would. There is one capture for an authorization
// (CONTRACT 11, C11): what it leaves is released.
func (g *Gateway) Capture(id string, amount int64) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		if amount < 1 || amount > o.funds.Capturable {
			return impossible("%d cannot be captured: %d is capturable", amount, o.funds.Capturable)
		}
		o.capture(amount, now)
		return nil
	})
}

func (o *order) capture(amount int64, now time.Time) {
	if tx := o.doc.authorization(); tx != nil {
		tx["is_fully_captured"] = amount == o.funds.Capturable
	}
	o.release(now)
	o.doc.add("flags", "has-captures")
	o.funds = funds{Captured: amount, Refundable: amount}
}

// Void gives reserved money back before any of it is captured. The order stays completed (CONTRACT 11, C27).
func (g *Gateway) Void(id string) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		if o.funds.Voidable == 0 {
			return impossible("there is nothing to void")
		}
		o.release(now)
		o.doc.add("flags", "has-voids")
		o.funds = funds{Voided: o.funds.Voidable}
		return nil
	})
}

// release ends an authorization: nothing of it can be captured any more.
func (o *order) release(now time.Time) {
	o.funds.Capturable = 0
	if tx := o.doc.authorization(); tx != nil {
		tx["is_capturable"] = false
		tx["modified"] = stamp(now)
	}
}
