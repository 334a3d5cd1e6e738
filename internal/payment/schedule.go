package payment

import (
	"math"
	"time"

	"github.com/sosodev/duration"

	"webhookd/internal/nopayn"
)

const (
	// assumedPeriod stands in for a missing expiration_period when we must decide how long a failed order may still
	// be retried. The gateway's default is 30 minutes (CONTRACT 9.4); a day errs on the side of looking.
	assumedPeriod = 24 * time.Hour
	// longestPeriod bounds a period that makes no sense, so that it cannot overflow a time.
	longestPeriod = 366 * 24 * time.Hour
	// stuckInterval is how often an order that was given up is still looked at.
	stuckInterval = 24 * time.Hour
	// jitterShare is the part of an interval by which it is spread.
	jitterShare = 0.1
)

// Schedule says how often unsettled orders are looked at (DESIGN 6). All durations are positive unless said.
type Schedule struct {
	MinAge      time.Duration   // younger orders are left to their webhook
	MinInterval time.Duration   // lower bound between two looks, and the margin after an order's expiry
	MaxInterval time.Duration   // upper bound between two looks
	GiveUp      time.Duration   // unsettled for longer than this is stuck; 0 means never
	Recheck     []time.Duration // when paid orders are looked at again, counted from settlement; ascending
}

// Subject is what the schedule needs to know of an order.
type Subject struct {
	State       State
	StatusFinal bool      // the gateway's own status is final
	FirstSeen   time.Time // by our clock
	Created     time.Time // by the gateway's clock; zero while unverified
	ExpiresAt   time.Time // zero if unknown
	SettledAt   time.Time // zero if not settled before
}

// Plan is when to look at an order again, and what that means.
type Plan struct {
	At      time.Time // zero means never of our own accord
	Settled bool      // no longer polled; a webhook still causes a look
	Stuck   bool      // unsettled for longer than Schedule.GiveUp
}

// Next plans the look after one that was made at now. jitter, between -1 and 1, spreads the interval by up to a
// tenth. An order's age counts from the earlier of its two beginnings, so that a gateway whose clock runs ahead
// cannot put a look off.
func (s Schedule) Next(o Subject, now time.Time, jitter float64) Plan {
	begin := o.begin(now)
	expiry, end := s.ends(o, begin)
	if o.settled(now, end) {
		return Plan{Settled: true, At: s.recheck(o, now, jitter)}
	}
	age := now.Sub(begin)
	plan := Plan{At: begin.Add(s.MinAge), Stuck: s.GiveUp > 0 && age > s.GiveUp}
	switch {
	case plan.Stuck:
		plan.At = now.Add(spread(stuckInterval, jitter))
	case !plan.At.After(now):
		plan.At = now.Add(spread(min(max(age/4, s.MinInterval), s.MaxInterval), jitter))
	}
	for _, at := range []time.Time{expiry, end} {
		if at.After(now) && at.Before(plan.At) {
			plan.At = at
		}
	}
	return plan
}

// ends gives the moment at which the order's last way to pay is closed by the gateway's word, and the one at which it
// is closed for certain, each with its margin. They differ for an order that we first saw long after its creation: it
// may be old, but then our clock may as well run ahead of the gateway's, and the customer may have the whole period
// still before him.
func (s Schedule) ends(o Subject, begin time.Time) (expiry, end time.Time) {
	if o.ExpiresAt.IsZero() {
		expiry = begin.Add(assumedPeriod)
		return expiry, expiry
	}
	expiry = o.ExpiresAt.Add(s.MinInterval)
	if o.Created.IsZero() || o.FirstSeen.Sub(o.Created) <= s.MinAge {
		return expiry, expiry
	}
	period := min(o.ExpiresAt.Sub(o.Created), assumedPeriod)
	if end = o.FirstSeen.Add(period + s.MinInterval); end.After(expiry) {
		return expiry, end
	}
	return expiry, expiry
}

// settled reports whether nothing more is to be expected of the order by itself. A failed or partly captured order
// stays open until its end: the customer may try again, the shop may capture more.
func (o Subject) settled(now, end time.Time) bool {
	switch o.State {
	case Paid, PartiallyRefunded, Refunded, ChargedBack, Voided, Cancelled, Expired, NotFound:
		return true
	case Reversal:
		return o.StatusFinal
	case Failed, PartiallyCaptured:
		return !end.After(now)
	}
	return false
}

// recheck gives the next rare look at an order whose money may still go back by the portal's hand. It is put off by up to
// a tenth, and never brought forward: orders that settled all at once, after the gateway was away, must not come back all
// at once, before what has just been paid.
func (s Schedule) recheck(o Subject, now time.Time, jitter float64) time.Time {
	if o.State != Paid && o.State != PartiallyRefunded {
		return time.Time{}
	}
	settled := o.SettledAt
	if settled.IsZero() {
		settled = now
	}
	for _, after := range s.Recheck {
		if settled.Add(after).After(now) {
			return settled.Add(spread(after, math.Abs(jitter)))
		}
	}
	return time.Time{}
}

// begin is the earlier of the order's two beginnings, and never later than now: our own clock may have been set back.
func (o Subject) begin(now time.Time) time.Time {
	begin := o.FirstSeen
	if !o.Created.IsZero() && o.Created.Before(begin) {
		begin = o.Created
	}
	if begin.After(now) {
		return now
	}
	return begin
}

func spread(d time.Duration, jitter float64) time.Duration {
	return d + time.Duration(float64(d)*jitterShare*jitter)
}

// expiry is when the last way to pay o closes: the order's own period or that of an attempt, whichever ends later.
func expiry(o *nopayn.Order) time.Time {
	last := periodEnd(o.Created, o.ExpirationPeriod)
	for _, t := range o.Transactions {
		created := t.Created
		if created.IsZero() {
			created = o.Created
		}
		if at := periodEnd(created, t.ExpirationPeriod); at.After(last) {
			last = at
		}
	}
	return last
}

// periodEnd adds an ISO 8601 period to a moment. It is zero if either is missing or makes no sense, or if the end is
// beyond the years that RFC 3339 can write.
func periodEnd(from time.Time, period string) time.Time {
	d, err := duration.Parse(period)
	if from.IsZero() || err != nil {
		return time.Time{}
	}
	length := d.ToTimeDuration()
	if length <= 0 || length > longestPeriod {
		return time.Time{}
	}
	end := from.Add(length)
	if end.Year() > 9999 {
		return time.Time{}
	}
	return end
}
