package store

import (
	"bytes"
	"time"

	"webhookd/internal/payment"
)

// missesToForget is how many 404 answers, over at least Schedule.MinAge, make an order count as not found.
const missesToForget = 3

// judge decides what a look changes. It is pure but for the jitter.
func (s *Store) judge(c *change, now time.Time) {
	locked := c.check
	c.outcome.Again = c.held && c.check.Hints != c.result.Claim.hints
	switch {
	case c.result.Order != nil:
		s.judgeAnswer(c, now)
	case c.result.NotFound:
		s.judgeMiss(c, now)
	default:
		s.judgeFailure(c, now)
	}
	c.agreeOnSchedule(locked, now)
	c.sumUp()
}

// judgeAnswer applies a document: the only way in which an order comes to be or changes.
func (s *Store) judgeAnswer(c *change, now time.Time) {
	c.check.Failures, c.check.Misses, c.check.MissedAt, c.check.LastError = 0, 0, nil, nil
	if c.cur != nil && c.cur.verified() {
		stored := payment.Version{Modified: deref(c.cur.ModifiedAt), Asked: deref(c.check.CheckedAt)}
		switch c.result.version().Compare(stored) {
		case payment.Older:
			c.outcome.Verdict = Older
			s.replan(c, now)
			return
		case payment.Stale:
			c.outcome.Verdict = Stale
			c.check.schedule(now.Add(staleAgain(c.result.Asked.Sub(stored.Asked))), c.check.Cause)
			return
		}
	}
	c.check.CheckedAt, c.check.Known = storable(c.result.Asked), true
	next := verifiedRow(c, now)
	s.plan(c, next, now)
	c.compare(next, now)
	c.outcome.Verdict = Unchanged
	if len(c.events) > 0 {
		c.outcome.Verdict = Changed
		if next.ModifiedAt != nil {
			c.outcome.Delay = max(now.Sub(*next.ModifiedAt), 0)
		}
	}
}

// verifiedRow is the row that the document makes of the present one.
func verifiedRow(c *change, now time.Time) *orderRow {
	doc := c.result.Order
	next := &orderRow{
		OrderID: c.result.Claim.OrderID, UpdatedAt: now,
		FirstSeenAt: c.check.CheckSeenAt, FirstSeenBy: c.check.CheckSeenBy,
	}
	if c.cur != nil {
		*next = *c.cur
	}
	a := payment.Assess(doc)
	next.Kind, next.State, next.Voided, next.Test = a.Kind, a.State, a.Voided, a.Test
	next.Status = new(cleanText(string(doc.Status)))
	next.MerchantOrderID = optional(cleanText(doc.MerchantOrderID))
	next.Amount, next.Currency = &doc.Amount, new(cleanText(doc.Currency))
	next.RefundedAmount = a.RefundedAmount
	next.CreatedAt, next.ModifiedAt = storable(doc.Created), storable(doc.Modified)
	next.ExpiresAt = storable(a.ExpiresAt)
	next.Doc, next.parsed, next.unreadable = cleanDoc(doc.Raw), nil, nil
	if bytes.Equal(next.Doc, doc.Raw) && doc.Raw != nil {
		next.parsed = doc
	}
	return next
}

// judgeMiss counts a 404. It never changes what was verified (absence of information never changes state, CONTRACT
// 4.7 W14); an order that was only registered or named is given up after several over some time, unless a webhook has
// just named it again.
func (s *Store) judgeMiss(c *change, now time.Time) {
	c.outcome.Verdict = NotFound
	if !c.held {
		return
	}
	c.check.Failures, c.check.LastError = 0, new("not_found: the gateway does not know this order")
	if c.check.Misses == 0 {
		c.check.MissedAt = &now
	}
	c.check.Misses++
	over := deref(c.check.MissedAt).Add(s.rules.Schedule.MinAge)
	gone := c.onlyRefreshed() || c.check.Misses >= missesToForget && !now.Before(over) && !c.outcome.Again
	switch {
	case c.cur != nil && (c.cur.verified() || c.cur.State == payment.NotFound):
		s.replan(c, now)
	case !gone:
		c.check.schedule(missedAgain(c.check.Misses, now, over), c.check.Cause)
	case c.cur == nil:
		c.outcome.Verdict, c.drop = Dropped, true
	default:
		next := *c.cur
		next.State = payment.NotFound
		s.plan(c, &next, now)
		c.compare(&next, now)
	}
}

// judgeFailure backs off. The order itself stays as it is, unless it has been unsettled for too long. An id that only
// webhooks named, and that the gateway refuses, goes the way of one that it does not know.
func (s *Store) judgeFailure(c *change, now time.Time) {
	f := deref(c.result.Failure)
	if f.Refused && c.cur == nil {
		s.judgeMiss(c, now)
		return
	}
	c.outcome.Verdict = Failed
	if !c.held {
		return
	}
	if c.onlyRefreshed() {
		c.drop = true // who asked has been told, and may ask again
		return
	}
	c.check.LastError = new(f.String())
	c.check.Failures++
	if s.markStuck(c, now) {
		c.check.schedule(now.Add(stuckDelay), causePoll)
		return
	}
	c.check.schedule(now.Add(s.backOff(c.check.Failures, f.RetryAfter)), c.check.Cause)
}

// onlyRefreshed reports whether nobody has named the id but somebody who wanted to see it: it was not registered,
// listed or verified, and no webhook came for it, not even during the look.
func (c *change) onlyRefreshed() bool {
	return c.cur == nil && !c.check.Known && c.check.Hints == 0 && c.check.CheckSeenBy == seenByRefresh
}

// agreeOnSchedule settles what the change says of when the order is due, against what others have said since the
// claim. A webhook that came during the look makes it due at once. A claim that was taken over says nothing of it; but
// an order that its answer opens again must not be left without a next look, or with one far off.
func (c *change) agreeOnSchedule(locked check, now time.Time) {
	if c.held {
		c.check.Lease = nil
		if c.outcome.Again {
			c.check.schedule(now, causeWebhook)
		}
		return
	}
	planned := c.check
	c.check = locked
	c.check.CheckedAt, c.check.Known = planned.CheckedAt, planned.Known
	reopened := c.cur != nil && c.next != nil && c.cur.Settled && !c.next.Settled
	if reopened && locked.Lease == nil && (locked.DueAt == nil || planned.DueAt.Before(*locked.DueAt)) {
		c.check.DueAt, c.check.Cause = planned.DueAt, planned.Cause
	}
}

// sumUp fills in what of the outcome is the same for every kind of answer.
func (c *change) sumUp() {
	after := c.cur
	if c.next != nil {
		after = c.next
	}
	if c.cur != nil {
		c.outcome.From = c.cur.State
	}
	if after != nil {
		c.outcome.To, c.outcome.Stuck = after.State, after.Stuck
	}
	c.outcome.Events, c.outcome.Known = c.events, c.check.Known
}
