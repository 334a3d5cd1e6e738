package payment_test

import (
	"testing"
	"time"

	"webhookd/internal/payment"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// defaults are those of DESIGN 8.
func defaults() payment.Schedule {
	return payment.Schedule{
		MinAge: 10 * minute, MinInterval: minute, MaxInterval: 6 * hour, GiveUp: 14 * day,
		Recheck: []time.Duration{day, 7 * day, 30 * day},
	}
}

// after is the moment that long after the orders here were created.
func after(d time.Duration) time.Time { return created().Add(d) }

// halfHour is an order made at created() for half an hour, seen at once and by a clock that agrees.
func halfHour(s payment.State) payment.Subject {
	return payment.Subject{State: s, FirstSeen: created(), Created: created(), ExpiresAt: after(30 * minute)}
}

// forWeeks is the same with a period that is never at an end here.
func forWeeks(s payment.State) payment.Subject {
	o := halfHour(s)
	o.ExpiresAt = after(60 * day)
	return o
}

// halfHourSeenLate is one that we first saw after half of its period.
func halfHourSeenLate() payment.Subject {
	o := halfHour(payment.Failed)
	o.FirstSeen = after(15 * minute)
	return o
}

type planned struct {
	name   string
	order  payment.Subject
	now    time.Duration // after creation
	jitter float64
	want   payment.Plan
}

func checkPlans(t *testing.T, s payment.Schedule, cases []planned) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.Next(c.order, after(c.now), c.jitter)
			if !got.At.Equal(c.want.At) || got.Settled != c.want.Settled || got.Stuck != c.want.Stuck {
				t.Errorf("Next at creation+%v = %s, want %s", c.now, show(got), show(c.want))
			}
		})
	}
}

// show gives a plan's time counted from creation, as the tables do.
func show(p payment.Plan) string {
	at := "never"
	if !p.At.IsZero() {
		at = "creation+" + p.At.Sub(created()).String()
	}
	if p.Settled {
		at += ", settled"
	}
	if p.Stuck {
		at += ", stuck"
	}
	return at
}

func lookAt(d time.Duration) payment.Plan  { return payment.Plan{At: after(d)} }
func stuckAt(d time.Duration) payment.Plan { return payment.Plan{At: after(d), Stuck: true} }
func recheckAt(d time.Duration) payment.Plan {
	return payment.Plan{At: after(d), Settled: true}
}

func never() payment.Plan { return payment.Plan{Settled: true} }

// DESIGN 6: due once older than POLL_MIN_AGE, then every clamp(age/4, min, max).
func TestScheduleByAge(t *testing.T) {
	o := forWeeks(payment.Pending)
	checkPlans(t, defaults(), []planned{
		{"just created", o, 0, 0, lookAt(10 * minute)},
		{"just created, the first look has no jitter", o, 0, 1, lookAt(10 * minute)},
		{"looked at early, for a webhook", o, 9 * minute, -1, lookAt(10 * minute)},
		{"one second short of the first look", o, 10*minute - time.Second, 0, lookAt(10 * minute)},
		{"at the first look", o, 10 * minute, 0, lookAt(12*minute + 30*time.Second)},
		{"a quarter of its age", o, 40 * minute, 0, lookAt(50 * minute)},
		{"a quarter of a day", o, 24*hour - minute, 0, lookAt(24*hour - minute + 6*hour - 15*time.Second)},
		{"never longer than the maximum", o, 5 * day, 0, lookAt(5*day + 6*hour)},
	})
}

func TestScheduleClampsBelow(t *testing.T) {
	s := defaults()
	s.MinAge, s.MinInterval = time.Second, minute
	o := forWeeks(payment.Pending)
	checkPlans(t, s, []planned{
		{"first look", o, 0, 0, lookAt(time.Second)},
		{"never shorter than the minimum", o, time.Second, 0, lookAt(61 * time.Second)},
		{"at four times the minimum", o, 4 * minute, 0, lookAt(5 * minute)},
		{"from there on a quarter", o, 8 * minute, 0, lookAt(10 * minute)},
	})
}

func TestScheduleJitter(t *testing.T) {
	o := forWeeks(payment.Pending)
	checkPlans(t, defaults(), []planned{
		{"a tenth less", o, 40 * minute, -1, lookAt(49 * minute)},
		{"half of it less", o, 40 * minute, -0.5, lookAt(49*minute + 30*time.Second)},
		{"none", o, 40 * minute, 0, lookAt(50 * minute)},
		{"a tenth more", o, 40 * minute, 1, lookAt(51 * minute)},
		{"a tenth of the maximum", o, 5 * day, 1, lookAt(5*day + 6*hour + 36*minute)},
		{"a tenth of a day, when stuck", o, 20 * day, -1, stuckAt(20*day + 24*hour - 144*minute)},
	})
}

// DESIGN 6: once more at its expiry + margin.
func TestScheduleAtExpiry(t *testing.T) {
	o := halfHour(payment.Pending)
	fiveMinutes := halfHour(payment.Pending)
	fiveMinutes.ExpiresAt = after(5 * minute)
	unknown := forWeeks(payment.Pending)
	unknown.ExpiresAt = time.Time{}
	checkPlans(t, defaults(), []planned{
		{"expires before the first look", fiveMinutes, 0, 0, lookAt(6 * minute)},
		{"that look changes nothing", fiveMinutes, 6 * minute, 0, lookAt(10 * minute)},
		{"a look before it comes first", o, 20 * minute, 0, lookAt(25 * minute)},
		{"it comes before the next look", o, 28 * minute, 0, lookAt(31 * minute)},
		{"one second before", o, 31*minute - time.Second, 0, lookAt(31 * minute)},
		{"at it, on with the age", o, 31 * minute, 0, lookAt(31*minute + 465*time.Second)},
		{"not moved by jitter", o, 28 * minute, -1, lookAt(31 * minute)},
		{"unknown: a day is assumed", unknown, 20 * hour, 0, lookAt(24 * hour)},
		{"unknown, the day is over", unknown, 24 * hour, 0, lookAt(30 * hour)},
	})
}

// DESIGN 6: after POLL_GIVE_UP it is stuck, and looked at daily.
func TestScheduleGivesUp(t *testing.T) {
	o := halfHour(payment.Authorized)
	bank := halfHour(payment.Pending)
	bank.ExpiresAt = after(30 * day)
	off := defaults()
	off.GiveUp = 0
	checkPlans(t, defaults(), []planned{
		{"at the limit", o, 14 * day, 0, lookAt(14*day + 6*hour)},
		{"over the limit", o, 14*day + time.Nanosecond, 0, stuckAt(15*day + time.Nanosecond)},
		{"a year later", o, 365 * day, 0, stuckAt(366 * day)},
		{"a bank transfer has its look at expiry all the same", bank, 29*day + 12*hour, 0, stuckAt(30*day + minute)},
		{"and goes on daily", bank, 30*day + minute, 0, stuckAt(31*day + minute)},
	})
	t.Run("off", func(t *testing.T) {
		checkPlans(t, off, []planned{{"a year later", o, 365 * day, 0, lookAt(365*day + 6*hour)}})
	})
	for _, s := range states() {
		stuck := defaults().Next(halfHour(s), after(20*day), 0).Stuck
		unsettled := s == payment.Unverified || s == payment.Pending || s == payment.Authorized ||
			s == payment.Unknown || s == payment.Reversal
		if stuck != unsettled {
			t.Errorf("after 20 days %s is stuck: %t, want %t", s, stuck, unsettled)
		}
	}
}

// DESIGN 4: failed is checked until expiry + margin, then settled; a reservation captured in part alike.
func TestScheduleOfWhatCanGoOn(t *testing.T) {
	for _, s := range []payment.State{payment.Failed, payment.PartiallyCaptured} {
		o, unknown := halfHour(s), halfHour(s)
		unknown.ExpiresAt = time.Time{}
		checkPlans(t, defaults(), []planned{
			{string(s) + " at once", o, 0, 0, lookAt(10 * minute)},
			{string(s) + " within its period", o, 29 * minute, 0, lookAt(31 * minute)},
			{string(s) + " within the margin", o, 31*minute - 1, 0, lookAt(31 * minute)},
			{string(s) + " at its end", o, 31 * minute, 0, never()},
			{string(s) + " long after", o, 400 * day, 0, never()},
			{string(s) + " without a period: a day", unknown, 24*hour - 1, 0, lookAt(24 * hour)},
			{string(s) + " without a period, after a day", unknown, 24 * hour, 0, never()},
		})
	}
}

// DESIGN 4: which states settle, and what a settled order may still expect.
func TestScheduleSettles(t *testing.T) {
	rechecked := []payment.State{payment.Paid, payment.PartiallyRefunded}
	for _, s := range rechecked {
		checkPlans(t, defaults(), []planned{{string(s), halfHour(s), minute, 0, recheckAt(day + minute)}})
	}
	for _, s := range []payment.State{
		payment.Refunded, payment.ChargedBack, payment.Voided, payment.Cancelled, payment.Expired, payment.NotFound,
	} {
		checkPlans(t, defaults(), []planned{{string(s), halfHour(s), minute, 0, never()}})
	}
	for _, s := range []payment.State{
		payment.Unverified, payment.Pending, payment.Authorized, payment.Unknown, payment.Failed,
		payment.PartiallyCaptured, payment.Reversal,
	} {
		checkPlans(t, defaults(), []planned{{string(s), halfHour(s), minute, 0, lookAt(10 * minute)}})
	}
	final := halfHour(payment.Reversal)
	final.StatusFinal = true
	checkPlans(t, defaults(), []planned{{"reversal in a final status", final, minute, 0, never()}})
	authorized := halfHour(payment.Authorized)
	authorized.StatusFinal = true
	checkPlans(t, defaults(), []planned{
		{
			"W4, 4.4: a reservation is not settled by its status, nor by its end", authorized, 2 * hour, 0,
			lookAt(150 * minute),
		},
	})
}

// DESIGN 4: paid orders are looked at again after 1, 7 and 30 days, counted from settlement.
func TestScheduleRechecks(t *testing.T) {
	o := halfHour(payment.Paid)
	o.SettledAt = after(hour)
	off := defaults()
	off.Recheck = nil
	checkPlans(t, defaults(), []planned{
		{"as it settles", o, hour, 0, recheckAt(25 * hour)},
		{"put off by up to a tenth", o, hour, 1, recheckAt(25*hour + 144*minute)},
		{"never brought forward", o, hour, -1, recheckAt(25*hour + 144*minute)},
		{"looked at while it is put off", o, 26 * hour, 1, recheckAt(hour + 168*hour + 1008*minute)},
		{"after a webhook in between", o, 10 * hour, 0, recheckAt(25 * hour)},
		{"at the first", o, 25 * hour, 0, recheckAt(169 * hour)},
		{"late for the first", o, 30 * hour, 0, recheckAt(169 * hour)},
		{"at the second", o, 169 * hour, 0, recheckAt(721 * hour)},
		{"late for the second, and the third missed", o, 722 * hour, 0, never()},
		{"at the third", o, 721 * hour, 0, never()},
		{"a year later", o, 365 * day, 0, never()},
	})
	t.Run("off", func(t *testing.T) {
		checkPlans(t, off, []planned{{"as it settles", o, hour, 0, never()}})
	})
}

// A clock that is an hour wrong, the gateway's or ours, neither puts a look off nor ends one too early.
func TestScheduleWithClocksApart(t *testing.T) {
	apart := func(s payment.State, ahead time.Duration) payment.Subject {
		return payment.Subject{
			State: s, FirstSeen: created(), Created: after(ahead), ExpiresAt: after(ahead + 30*minute),
		}
	}
	checkPlans(t, defaults(), []planned{
		{"an hour ahead: first look by our clock", apart(payment.Pending, hour), 0, 0, lookAt(10 * minute)},
		{"an hour ahead: age by our clock", apart(payment.Pending, hour), 20 * minute, 0, lookAt(25 * minute)},
		{"an hour ahead: a failed order ends late", apart(payment.Failed, hour), 90 * minute, 0, lookAt(91 * minute)},
		{"an hour ahead: but ends", apart(payment.Failed, hour), 91 * minute, 0, never()},
		{"an hour behind: an hour older", apart(payment.Pending, -hour), 0, 0, lookAt(15 * minute)},
		{
			"an hour behind: once more at the end by our clock", apart(payment.Pending, -hour), 20 * minute, 0,
			lookAt(31 * minute),
		},
		{
			"an hour behind: a failed order has its whole period", apart(payment.Failed, -hour), 0, 0,
			lookAt(15 * minute),
		},
		{"an hour behind: and its margin", apart(payment.Failed, -hour), 30 * minute, 0, lookAt(31 * minute)},
		{"an hour behind: then it ends", apart(payment.Failed, -hour), 31 * minute, 0, never()},
		{"five minutes behind: nothing out of the ordinary", apart(payment.Failed, -5*minute), 26 * minute, 0, never()},
	})
	old := payment.Subject{
		State: payment.Failed, FirstSeen: created(), Created: after(-40 * day), ExpiresAt: after(-10 * day),
	}
	late := halfHourSeenLate()
	late.ExpiresAt = after(7 * day)
	back := forWeeks(payment.Pending)
	back.FirstSeen, back.Created = after(30*day), time.Time{}
	checkPlans(t, defaults(), []planned{
		{"an old order of a month is given no more than a day", old, 24*hour + minute, 0, never()},
		{"seen late, a long period ends no earlier for it", late, 3 * day, 0, lookAt(3*day + 6*hour)},
		{"seen late, a look at the end by the gateway", halfHourSeenLate(), 28 * minute, 0, lookAt(31 * minute)},
		{"and at the end by ours", halfHourSeenLate(), 44 * minute, 0, lookAt(46 * minute)},
		{"nor later", late, 7*day + minute, 0, never()},
		{"our own clock was set back a month", back, 0, 0, lookAt(10 * minute)},
	})
}

// The least that is known of an order is enough to plan with.
func TestScheduleOfAnUnverifiedOrder(t *testing.T) {
	o := payment.Subject{State: payment.Unverified, FirstSeen: created()}
	checkPlans(t, defaults(), []planned{
		{"registered just now", o, 0, 0, lookAt(10 * minute)},
		{"not confirmed for an hour", o, hour, 0, lookAt(75 * minute)},
		{"never confirmed", o, 15 * day, 0, stuckAt(16 * day)},
	})
}
