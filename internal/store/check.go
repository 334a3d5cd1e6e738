package store

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// check is one row of the table checks, but for its order id.
type check struct {
	Known       bool
	DueAt       *time.Time
	Cause       string
	Lease       *int64
	Hints       int64
	HintedAt    *time.Time
	CheckedAt   *time.Time
	Failures    int
	Misses      int
	MissedAt    *time.Time
	LastError   *string
	CheckSeenAt time.Time
	CheckSeenBy string
}

// checkSelection are the columns of check, for a select on checks c.
const checkSelection = `c.known, c.due_at, c.cause, c.lease, c.hints, c.hinted_at, c.checked_at, c.failures, c.misses,
	c.missed_at, c.last_error, c.first_seen_at as check_seen_at, c.first_seen_by as check_seen_by`

// schedule makes the order due at a moment; the zero time is never.
func (k *check) schedule(at time.Time, cause string) {
	k.DueAt, k.Cause = storable(at), cause
}

// underWay reports whether somebody is looking at the order.
func (k *check) underWay(now time.Time) bool {
	return k.Lease != nil && k.DueAt != nil && k.DueAt.After(now)
}

// queueChecks writes when the orders are due next. A lease that is not ours stays.
func queueChecks(b *pgx.Batch, changes []*change) {
	var gone []string
	var kept []*change
	for _, c := range changes {
		switch {
		case !c.found:
		case c.drop:
			gone = append(gone, c.result.Claim.OrderID)
		default:
			kept = append(kept, c)
		}
	}
	if gone != nil {
		b.Queue(`delete from checks where order_id = any($1)`, gone)
	}
	if kept == nil {
		return
	}
	b.Queue(`
		update checks c set
			known = r.known, due_at = r.due_at, cause = r.cause, lease = r.lease, checked_at = r.checked_at,
			failures = r.failures, misses = r.misses, missed_at = r.missed_at, last_error = r.last_error
		from unnest($1::text[], $2::bool[], $3::timestamptz[], $4::text[], $5::bigint[], $6::timestamptz[],
				$7::int[], $8::int[], $9::timestamptz[], $10::text[])
			as r (order_id, known, due_at, cause, lease, checked_at, failures, misses, missed_at, last_error)
		where c.order_id = r.order_id`,
		column(kept, func(c *change) string { return c.result.Claim.OrderID }),
		column(kept, func(c *change) bool { return c.check.Known }),
		column(kept, func(c *change) *time.Time { return c.check.DueAt }),
		column(kept, func(c *change) string { return c.check.Cause }),
		column(kept, func(c *change) *int64 { return c.check.Lease }),
		column(kept, func(c *change) *time.Time { return c.check.CheckedAt }),
		column(kept, func(c *change) int { return c.check.Failures }),
		column(kept, func(c *change) int { return c.check.Misses }),
		column(kept, func(c *change) *time.Time { return c.check.MissedAt }),
		column(kept, func(c *change) *string { return c.check.LastError }))
}
