package sandbox

import (
	"fmt"
	"strconv"
	"time"
)

// refund is what a refund order gives back, and how it ends. It is never changed.
type refund struct {
	of     string // the refunded order
	amount int64
	lines  []lineQuantity
	fails  bool
}

// Refund gives money back to the customer, in minor units, as the merchant portal would. The refund is an order of its
// own (CONTRACT 2.8) whose id is returned; it is completed at once, or after Config.RefundDelay, and both orders send a
// webhook for every change.
func (g *Gateway) Refund(id string, amount int64) (refundID string, err error) {
	back, err := g.refund(id, document{"amount": amount}, nil)
	if err != nil {
		return "", fmt.Errorf("refund: %w", err)
	}
	return back.id, nil
}

// FailRefund has a refund fail that is under way, given by its own id: its order ends in error, and the money is
// refundable again.
func (g *Gateway) FailRefund(refundID string) error { return g.endRefund(refundID, true) }

// CompleteRefund completes a refund that is under way, given by its own id, before its time.
func (g *Gateway) CompleteRefund(refundID string) error { return g.endRefund(refundID, false) }

// refund makes the refund that a request asks for, of an order that must be at a version named in ifMatch, if there is
// any. Its money is not refundable again from here on, and the refunded order names it; it counts as refunded when it is
// completed.
func (g *Gateway) refund(id string, asked document, ifMatch []string) (back *order, err error) {
	delay := time.Duration(g.manners.refundDelay.Load())
	err = g.changeAndTell(id, func(o *order, now time.Time) error {
		if err := o.match(ifMatch); err != nil {
			return err
		}
		wanted := &refund{of: o.id, amount: asked.integer("amount"), lines: asked.lineQuantities()}
		if err := o.mayRefund(wanted); err != nil {
			return err
		}
		wanted.fails = g.manners.takeFailure()
		back = g.refundOrderOf(o, wanted, asked, now)
		if delay <= 0 {
			back.settle(wanted.fails, now)
		}
		if err := g.open(back); err != nil {
			return err
		}
		o.beginRefund(back)
		if delay <= 0 {
			o.countRefund(wanted, wanted.fails)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if delay <= 0 {
		g.SendWebhook(back.id)
	} else {
		back.mu.Lock()
		defer back.mu.Unlock()
		back.wake(g.clock, delay, func() { g.refundDue(back) })
	}
	return back, nil
}

// lineQuantities returns the order_lines of a refund.
func (d document) lineQuantities() []lineQuantity {
	var lines []lineQuantity
	for _, member := range d.list("order_lines") {
		line := document(member.(map[string]any)) // the request's rule wants objects
		lines = append(lines, lineQuantity{line.text("merchant_order_line_id"), line.integer("quantity")})
	}
	return lines
}

// mayRefund refuses a refund that the order's money or lines do not allow.
func (o *order) mayRefund(wanted *refund) error {
	if status := o.doc.text("status"); status != statusCompleted {
		return impossible("an order that is %s cannot be refunded", status)
	}
	if o.funds.Refundable == 0 {
		return errNothingLeft()
	}
	if wanted.amount < 1 || wanted.amount > o.funds.Refundable {
		return invalid("amount", aboutAmount, "%d cannot be refunded: %d is refundable", wanted.amount, o.funds.Refundable)
	}
	for i, line := range wanted.lines {
		path := "order_lines[" + strconv.Itoa(i) + "]"
		err := o.mustHave(path, line, func(quantity int64, moved lineCount) int64 {
			return quantity - moved.voided - moved.refunded
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// refundOrderOf returns the order of a refund, under way and not yet stored.
func (g *Gateway) refundOrderOf(o *order, wanted *refund, asked document, now time.Time) *order {
	back := g.moneyBack(o, wanted.amount, now)
	back.refund = wanted
	back.doc["refund_of_order_id"] = o.id
	back.doc.add("flags", "is-refund")
	for _, name := range []string{"description", "merchant_order_id", "extra"} {
		if value, given := asked[name]; given {
			back.doc[name] = value
		}
	}
	g.prepareLines(back, asked)
	return back
}

// beginRefund takes a refund's money out of what is refundable, and names it.
func (o *order) beginRefund(back *order) {
	o.funds.Refundable -= back.refund.amount
	for _, line := range back.refund.lines {
		o.count(line.id, lineCount{refunded: line.quantity})
	}
	o.doc.add("flags", "has-refunds")
	o.doc.add("refund_orders", back.id)
}

// countRefund says in the refunded order how a refund ended. One that failed leaves the money refundable, and the flag
// only if another was completed or is under way; refund_orders names all.
func (o *order) countRefund(done *refund, failed bool) {
	if !failed {
		o.funds.Refunded += done.amount
		o.doc["refunded_amount"] = o.funds.Refunded
		return
	}
	o.funds.Refundable += done.amount
	for _, line := range done.lines {
		o.count(line.id, lineCount{refunded: -line.quantity})
	}
	if o.funds.Refundable+o.takenBack == o.funds.Captured {
		o.doc.remove("flags", "has-refunds")
	}
}

// refundDue ends a refund whose delay is over.
func (g *Gateway) refundDue(back *order) {
	if !g.background.enter() {
		return
	}
	defer g.background.leave()
	if err := g.endRefund(back.id, back.refund.fails); err != nil { // a lever was faster
		g.log.Debug("refund was over", "order_id", back.id, "err", err)
	}
}

// endRefund ends a refund that is under way, in both orders.
func (g *Gateway) endRefund(refundID string, fails bool) error {
	back, err := g.orders.find(refundID)
	if err != nil {
		return err
	}
	if back.refund == nil {
		return fmt.Errorf("order %s is no refund", refundID)
	}
	err = g.changeAndTell(back.refund.of, func(o *order, now time.Time) error {
		err := g.change(refundID, func(back *order, now time.Time) error {
			if back.doc.text("status") != statusProcessing {
				return impossible("the refund is %s", back.doc.text("status"))
			}
			back.settle(fails, now)
			return nil
		})
		if err != nil {
			return err
		}
		o.countRefund(back.refund, fails)
		return nil
	})
	if err != nil {
		return err
	}
	g.SendWebhook(refundID)
	return nil
}
