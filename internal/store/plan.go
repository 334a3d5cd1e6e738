package store

import "time"

const (
	firstFailureDelay = time.Second     // doubled at each further failure
	maxFailureDelay   = 5 * time.Minute // bound of our own back-off; the gateway may ask for more
	maxRetryAfter     = time.Hour       // bound of what the gateway may ask for
	firstMissDelay    = 30 * time.Second
	staleDelay        = 5 * time.Second
	stuckDelay        = 24 * time.Hour
)

// The causes of a look that the store itself gives; Claim.Cause lists all.
const (
	causeWebhook   = "webhook"
	causePoll      = "poll"
	causeOperation = "operation"
)

// seenByRefresh is the first_seen_by of an id that ClaimNow was the first to name.
const seenByRefresh = "refresh"

// plan sets when next is looked at again, and what follows from that.
func (s *Store) plan(c *change, next *orderRow, now time.Time) {
	p := s.rules.Schedule.Next(next.subject(), now, s.jitter())
	next.Settled, next.Stuck = p.Settled, p.Stuck
	switch {
	case !p.Settled:
		next.SettledAt = nil
	case next.SettledAt == nil:
		next.SettledAt = &now
	}
	next.reclear()
	c.check.schedule(p.At, causePoll)
}

// replan schedules an order of which nothing new was learnt. Time alone may settle it, or make it stuck.
func (s *Store) replan(c *change, now time.Time) {
	next := *c.cur
	s.plan(c, &next, now)
	c.compare(&next, now)
}

// markStuck reports whether an order, or an id that is none, has been unsettled for so long that a look a day is
// enough. It settles nothing: for that the gateway has to have answered.
func (s *Store) markStuck(c *change, now time.Time) bool {
	if c.cur == nil {
		giveUp := s.rules.Schedule.GiveUp
		return giveUp > 0 && now.Sub(c.check.CheckSeenAt) > giveUp
	}
	if !s.rules.Schedule.Next(c.cur.subject(), now, 0).Stuck {
		return false
	}
	next := *c.cur
	next.Stuck = true
	c.compare(&next, now)
	return true
}

// backOff is how long to wait after so many failures in a row, if the gateway asks for no more.
func (s *Store) backOff(failures int, retryAfter time.Duration) time.Duration {
	const doublings = 16 // more than it takes to the bound
	delay := min(firstFailureDelay<<min(failures-1, doublings), maxFailureDelay)
	delay += time.Duration(float64(delay) * s.jitter() / 10)
	return max(delay, min(retryAfter, maxRetryAfter))
}

// staleAgain is how long to wait for a gateway that answered from an old copy, when that long has passed since the
// answer that is stored: twice as long each time.
func staleAgain(since time.Duration) time.Duration {
	return max(since, staleDelay)
}

// missedAgain spaces the further looks at an order that the gateway does not know: one soon, since the gateway may
// be slow to know its own, and the last when the order may be given up.
func missedAgain(misses int, now, over time.Time) time.Time {
	if misses >= missesToForget-1 && over.After(now) {
		return over
	}
	return now.Add(min(firstMissDelay, max(over.Sub(now)/2, firstFailureDelay)))
}
