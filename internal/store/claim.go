package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// Claim is an order handed out for a look. It is ours until its lease is over. Who is late may find that another has
// taken it over; then the answer still counts, but says nothing of when the order is due.
type Claim struct {
	OrderID string
	Known   bool   // an order of ours, as opposed to an id that only a webhook named
	Cause   string // why it was due: webhook, poll, sweep, refresh, operation

	lease    int64     // token that tells our claim from a later one
	hints    int64     // webhooks received when it was claimed
	claimed  time.Time // by the database's clock
	received time.Time // by ours, for measuring from claimed on
}

// At places a moment of this process on the database's clock, never later than it truly was there. So answers that
// replicas with different clocks asked for can be put in order. t must carry a monotonic reading, as time.Now gives.
func (c Claim) At(t time.Time) time.Time {
	return c.claimed.Add(t.Sub(c.received))
}

// claimRow is a Claim as the statements return it.
type claimRow struct {
	OrderID string
	Known   bool
	Cause   string
	Hints   int64
	Now     time.Time
}

// collectClaims reads the claims that a statement took under lease.
func collectClaims(rows pgx.Rows, lease int64) ([]Claim, error) {
	taken, err := pgx.CollectRows(rows, pgx.RowToStructByName[claimRow])
	received := time.Now()
	claims := make([]Claim, len(taken))
	for i, t := range taken {
		claims[i] = Claim{
			OrderID: t.OrderID, Known: t.Known, Cause: t.Cause,
			lease: lease, hints: t.Hints, claimed: t.Now, received: received,
		}
	}
	return claims, err
}

// newLease returns a token that no other claim has.
func newLease() int64 { return rand.Int64() }

// ClaimDue hands out at most n orders that are due, those of ours before ids that only a webhook named, and hides
// them from others for Rules.Lease. A claim whose holder dies is due again by itself.
func (s *Store) ClaimDue(ctx context.Context, n int) ([]Claim, error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	lease := newLease()
	// The ids go through an array, because of a join the planner would think that it concerns a tenth of the table.
	rows, _ := s.pool.Query(ctx, `
		with ours as (
			select order_id from checks
			where known and due_at <= now()
			order by due_at limit $1 for update skip locked
		), heard as (
			select order_id from checks
			where not known and due_at <= now()
			order by due_at limit $1 - (select count(*) from ours) for update skip locked
		)
		update checks set lease = $2, due_at = now() + $3::interval
		where order_id = any (array(select order_id from ours union all select order_id from heard))
		returning order_id, known, cause, hints, now() as now`, n, lease, s.rules.Lease)
	claims, err := collectClaims(rows, lease)
	if err != nil {
		return nil, fmt.Errorf("claim due checks: %w", err)
	}
	return claims, nil
}
