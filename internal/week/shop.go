package week

import (
	"fmt"
	"time"

	"webhookd/internal/nopayn"
)

// What becomes of an order, in parts of all (CONTRACT 3.3).
const (
	sharePaid      = 0.70 // at the first try
	shareDeclined  = 0.10 // at the first try
	shareLeft      = 0.10 // without a try
	shareCancelled = 0.02
	shareReserved  = 0.04 // captured or voided by hand, hours or days later
	// The rest pays by bank transfer, which takes days.

	shareSecondTry  = 0.75 // of those declined
	shareCaptured   = 0.90 // of those reserved
	shareRefunded   = 0.03 // of those paid, in the portal
	shareWhole      = 0.60 // of those refunded
	shareRegistered = 0.10 // of all: told of by the shop as they are made
)

// What becomes of a webhook.
const (
	shareLost       = 0.03
	shareLate       = 0.03
	shareDuplicated = 0.02
	shareTold       = 0.70 // of the refunds in the portal, those that the order's webhook tells of

	// transit is from the gateway's change to the webhook.
	transit = 500 * time.Millisecond
)

// dailyCurve is how busy each hour of a day is.
func dailyCurve() [24]float64 {
	return [24]float64{
		.28, .15, .09, .07, .07, .12, .30, .60, .90, 1.10, 1.20, 1.25,
		1.35, 1.25, 1.15, 1.15, 1.25, 1.45, 1.70, 2.05, 2.25, 2.00, 1.35, .70,
	}
}

// weekCurve is how busy each day is, from Monday on.
func weekCurve() [7]float64 { return [7]float64{.95, .90, .95, 1.00, 1.05, 1.00, 1.20} }

// busy is how many orders a moment brings, in relation to others.
func (o Options) busy(d time.Duration) float64 {
	if d >= o.Span {
		return 0
	}
	curve, days := dailyCurve(), weekCurve()
	hour := d.Hours()
	here, next := curve[int(hour)%24], curve[int(hour+1)%24]
	level := here + (next-here)*(hour-float64(int(hour)))
	level *= days[int(d/day)%7]
	if o.Flash.holds(d) {
		level *= o.FlashBy
	}
	return level
}

// openShop plans the orders, and the forged webhooks.
func (w *world) openShop() {
	o := w.options
	total := 0.0
	for d := time.Duration(0); d < o.Span; d += o.Bunch {
		total += o.busy(d)
	}
	made, sum := 0, 0.0
	forgers := float64(o.Flood.Until-o.Flood.From) / float64(o.Bunch)
	forged, heard := 0.0, 0
	for d := time.Duration(0); d < o.Span; d += o.Bunch {
		sum += o.busy(d)
		n := int(sum/total*float64(o.Orders)+.5) - made
		made += n
		bad := 0
		if o.Flood.holds(d) {
			forged += float64(o.Forged) / forgers
			bad = int(forged+.5) - heard
			heard += bad
		}
		if n > 0 || bad > 0 {
			w.at(w.begin.Add(d), func(now time.Time) { w.trade(now, n, bad) })
		}
	}
}

// trade makes n orders and forges some webhooks.
func (w *world) trade(now time.Time, n, forged int) {
	for range n {
		w.makeOrder(now)
	}
	for range forged {
		w.forged++
		w.posted = append(w.posted, w.newID())
	}
	w.hour.Forged += forged
}

func (w *world) makeOrder(now time.Time) {
	o := w.newOrder(now)
	o.ref = fmt.Sprintf("SHOP-%08d", len(w.list))
	o.amount = int64(495 + w.random.IntN(30000))
	w.hour.Orders++
	if w.chance(shareRegistered) {
		w.joining = append(w.joining, o)
	}
	switch x := w.random.Float64(); {
	case x < sharePaid:
		w.pay(now, o)
	case x < sharePaid+shareDeclined:
		w.decline(now, o)
	case x < sharePaid+shareDeclined+shareLeft:
		w.expire(o)
	case x < sharePaid+shareDeclined+shareLeft+shareCancelled:
		w.after(now, w.between(time.Minute, 10*time.Minute), func(now time.Time) { w.change(now, o, "cancelled") })
	case x < sharePaid+shareDeclined+shareLeft+shareCancelled+shareReserved:
		w.reserve(now, o)
	default:
		w.transfer(now, o)
	}
}

func (w *world) newOrder(now time.Time) *order {
	o := &order{id: w.newID(), status: nopayn.StatusNew, created: now, modified: now, period: 30 * time.Minute}
	w.orders[o.id] = o
	w.list = append(w.list, o)
	return o
}

// change gives an order another status, and tells of it.
func (w *world) change(now time.Time, o *order, status nopayn.Status) {
	o.status = status
	w.touch(now, o)
	o.news = w.tell(now, o)
}

// touch notes that the order has changed.
func (w *world) touch(now time.Time, o *order) {
	if o.unseen && o.news == lost {
		w.hour.Hidden++
	}
	o.modified, o.unseen = now, true
	w.hour.Changes++
}

// tell sends a webhook.
func (w *world) tell(now time.Time, o *order) news {
	post := func(time.Time) { w.posted = append(w.posted, o.id) }
	switch x := w.random.Float64(); {
	case x < shareLost:
		w.hour.Lost++
		return lost
	case x < shareLost+shareLate:
		w.at(w.bunch(now.Add(w.between(10*time.Second, 15*time.Minute))).Add(transit), post)
		return late
	case x < shareLost+shareLate+shareDuplicated:
		w.at(now.Add(transit), post)
		w.at(w.bunch(now.Add(w.between(0, 2*time.Minute))).Add(transit), post)
	default:
		w.at(now.Add(transit), post)
	}
	return prompt
}

// attempt has the customer try to pay, and then comes to an end.
func (w *world) attempt(now time.Time, o *order, method string, think time.Duration, end func(now time.Time)) {
	w.after(now, think, func(now time.Time) {
		o.try(method, now)
		w.change(now, o, nopayn.StatusProcessing)
		w.after(now, w.between(5*time.Second, time.Minute), end)
	})
}

func (w *world) pay(now time.Time, o *order) {
	w.attempt(now, o, "credit-card", w.between(20*time.Second, 4*time.Minute), func(now time.Time) { w.paid(now, o) })
}

// paid ends an order well, and has some of the money go back later.
func (w *world) paid(now time.Time, o *order) {
	o.last("completed", now)
	w.change(now, o, nopayn.StatusCompleted)
	if w.chance(shareRefunded) {
		w.after(now, w.later(time.Hour, 5*day), func(now time.Time) { w.refund(now, o) })
	}
}

// decline fails the first try. Some try again, others leave.
func (w *world) decline(now time.Time, o *order) {
	w.attempt(now, o, "credit-card", w.between(20*time.Second, 4*time.Minute), func(now time.Time) {
		o.last("error", now)
		w.change(now, o, nopayn.StatusError)
		if w.chance(shareSecondTry) {
			w.attempt(now, o, "ideal", w.between(time.Minute, 5*time.Minute), func(now time.Time) { w.paid(now, o) })
			return
		}
		w.expire(o)
	})
}

func (w *world) expire(o *order) {
	w.after(o.created, o.period, func(now time.Time) { w.change(now, o, nopayn.StatusExpired) })
}

// reserve has the money reserved, and later taken or let go by the shop's staff, in the portal.
func (w *world) reserve(now time.Time, o *order) {
	o.manual = true
	w.attempt(now, o, "credit-card", w.between(20*time.Second, 4*time.Minute), func(now time.Time) {
		o.last("completed", now)
		w.change(now, o, nopayn.StatusCompleted)
		w.after(now, w.later(2*time.Hour, 3*day), func(now time.Time) {
			if w.chance(shareCaptured) {
				o.captured = o.amount
			} else {
				o.voided = o.amount
			}
			w.change(now, o, nopayn.StatusCompleted)
		})
	})
}

// transfer has the customer go to his bank.
func (w *world) transfer(now time.Time, o *order) {
	o.period = 14 * day
	w.after(now, w.between(20*time.Second, 4*time.Minute), func(now time.Time) {
		o.try("bank-transfer", now)
		w.change(now, o, nopayn.StatusProcessing)
		w.after(now, w.later(18*time.Hour, 4*day), func(now time.Time) { w.paid(now, o) })
	})
}

// refund gives money back in the portal. That is an order of its own, and the first one's webhook may not tell of it.
func (w *world) refund(now time.Time, o *order) {
	back := w.newOrder(now)
	back.ref, back.refundOf, back.amount = o.ref, o.id, o.amount
	if !w.chance(shareWhole) {
		back.amount = o.amount / 2
	}
	back.try(o.attempts[len(o.attempts)-1].method, now)
	w.change(now, back, nopayn.StatusProcessing)
	w.after(now, w.between(time.Minute, 10*time.Minute), func(now time.Time) {
		back.last("completed", now)
		w.change(now, back, nopayn.StatusCompleted)
	})
	w.hour.Refunds++
	o.refunded, o.refunds = back.amount, append(o.refunds, back.id)
	w.touch(now, o)
	if w.chance(shareTold) {
		o.news = w.tell(now, o)
		return
	}
	o.news = lost
	w.hour.Lost++
}
