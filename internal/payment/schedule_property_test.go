package payment_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"webhookd/internal/payment"
)

func drawSchedule(t *rapid.T) payment.Schedule {
	length := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(1, int64(400*day)).Draw(t, "ns"))
	})
	s := payment.Schedule{
		MinAge: length.Draw(t, "min age"), MinInterval: length.Draw(t, "min interval"),
		MaxInterval: length.Draw(t, "max interval"),
		Recheck:     rapid.SliceOfN(length, 0, 4).Draw(t, "recheck"),
	}
	if rapid.Bool().Draw(t, "gives up") {
		s.GiveUp = length.Draw(t, "give up")
	}
	slices.Sort(s.Recheck)
	return s
}

func drawSubject(t *rapid.T) payment.Subject {
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.IntRange(0, 4).Draw(t, "absent") == 0 {
			return time.Time{}
		}
		return created().Add(time.Duration(rapid.Int64Range(-int64(500*day), int64(500*day)).Draw(t, "offset")))
	})
	return payment.Subject{
		State:       rapid.SampledFrom(append(states(), "", "x")).Draw(t, "state"),
		StatusFinal: rapid.Bool().Draw(t, "final"),
		FirstSeen:   moment.Draw(t, "first seen"), Created: moment.Draw(t, "created"),
		ExpiresAt: moment.Draw(t, "expires"), SettledAt: moment.Draw(t, "settled"),
	}
}

// Promise 2: an unsettled order is always looked at again, not before now and not put off without bound; an order is
// settled only for a reason that DESIGN 4 gives.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := drawSchedule(t), drawSubject(t)
		now := created().Add(time.Duration(rapid.Int64Range(0, int64(400*day)).Draw(t, "now")))
		p := s.Next(o, now, rapid.Float64Range(-1, 1).Draw(t, "jitter"))
		if p.Settled {
			checkSettled(t, s, o, p, now)
			return
		}
		if !p.At.After(now) {
			t.Fatalf("planned for %v, which is not after %v", p.At, now)
		}
		longest := max(s.MaxInterval, s.MinAge, day)
		if latest := now.Add(longest + longest/10); p.At.After(latest) {
			t.Fatalf("planned for %v, which is after %v", p.At, latest)
		}
		age := now.Sub(o.FirstSeen)
		if !o.Created.IsZero() {
			age = max(age, now.Sub(o.Created))
		}
		if want := s.GiveUp > 0 && age > s.GiveUp; p.Stuck != want {
			t.Fatalf("stuck: %t at the age of %v", p.Stuck, age)
		}
	})
}

func checkSettled(t *rapid.T, s payment.Schedule, o payment.Subject, p payment.Plan, now time.Time) {
	if p.Stuck {
		t.Fatal("settled and stuck")
	}
	if !p.At.IsZero() && !p.At.After(now) {
		t.Fatalf("looked at again at %v, which is not after %v", p.At, now)
	}
	switch o.State {
	case payment.Paid, payment.PartiallyRefunded:
		if len(s.Recheck) == 0 && !p.At.IsZero() {
			t.Fatal("looked at again although rechecks are off")
		}
	case payment.Refunded, payment.ChargedBack, payment.Voided, payment.Cancelled, payment.Expired, payment.NotFound:
	case payment.Reversal:
		if !o.StatusFinal {
			t.Fatal("a refund under way is settled")
		}
	case payment.Failed, payment.PartiallyCaptured:
		if !o.ExpiresAt.IsZero() && o.ExpiresAt.After(now) {
			t.Fatal("settled within its period")
		}
		if !o.ExpiresAt.IsZero() && now.Before(o.ExpiresAt.Add(s.MinInterval)) {
			t.Fatal("settled within the margin")
		}
	default:
		t.Fatalf("%s is settled", o.State)
	}
}

// An order in the state it is in comes to rest or is looked at for ever: following the plans never stands still.
func TestScheduleGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, o := drawSchedule(t), drawSubject(t)
		now := created()
		for range 20 {
			p := s.Next(o, now, rapid.Float64Range(-1, 1).Draw(t, "jitter"))
			if p.At.IsZero() {
				if !p.Settled {
					t.Fatal("unsettled and never looked at again")
				}
				return
			}
			if !p.At.After(now) {
				t.Fatalf("from %v to %v", now, p.At)
			}
			if p.Settled && o.SettledAt.IsZero() {
				o.SettledAt = now
			}
			now = p.At
		}
		if o.State == payment.Paid {
			t.Fatal("a paid order is looked at more often than the schedule has rechecks")
		}
	})
}

// Nonsense in the configuration or in a document gives a plan of no use, never a crash.
func TestScheduleNeverPanics(t *testing.T) {
	length := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64().Draw(t, "ns")) })
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64().Draw(t, "s"), rapid.Int64().Draw(t, "ns"))
	})
	jitter := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}))
	rapid.Check(t, func(t *rapid.T) {
		s := payment.Schedule{
			MinAge: length.Draw(t, "min age"), MinInterval: length.Draw(t, "min interval"),
			MaxInterval: length.Draw(t, "max interval"), GiveUp: length.Draw(t, "give up"),
			Recheck: rapid.SliceOfN(length, 0, 4).Draw(t, "recheck"),
		}
		o := payment.Subject{
			State: payment.State(rapid.String().Draw(t, "state")), StatusFinal: rapid.Bool().Draw(t, "final"),
			FirstSeen: moment.Draw(t, "first seen"), Created: moment.Draw(t, "created"),
			ExpiresAt: moment.Draw(t, "expires"), SettledAt: moment.Draw(t, "settled"),
		}
		if rapid.Bool().Draw(t, "known state") {
			o.State = rapid.SampledFrom(states()).Draw(t, "of ours")
		}
		p := s.Next(o, moment.Draw(t, "now"), jitter.Draw(t, "jitter"))
		if p.Settled && p.Stuck {
			t.Fatal("settled and stuck")
		}
	})
}
