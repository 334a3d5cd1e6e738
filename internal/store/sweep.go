package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Sweep is the right to read the gateway's order list, for a stretch of time that nobody has read.
type Sweep struct {
	Since time.Time // orders created from here on, by the database's clock
	Until time.Time // to the present
}

// Listed is one order of the gateway's list.
type Listed struct {
	OrderID  string
	Modified time.Time // zero if the gateway gave none
}

// ClaimSweep takes the next sweep if one is due, so that of several replicas one does it. The stretch reaches back
// window from the present, and further if sweeps were missed, but at most furthest. ok is false if none is due.
func (s *Store) ClaimSweep(
	ctx context.Context, interval, window, furthest time.Duration,
) (sweep Sweep, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	err = s.pool.QueryRow(ctx, `
		update sweeps set next_at = now() + $1::interval where one and next_at <= now()
		returning greatest(least(now(), coalesce(covered, now())) - $2::interval, now() - $3::interval), now()`,
		interval, window, furthest).Scan(&sweep.Since, &sweep.Until)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Sweep{}, false, nil
	case err != nil:
		return Sweep{}, false, fmt.Errorf("claim a sweep: %w", err)
	}
	return sweep, true, nil
}

// Swept records what the gateway listed: orders nobody had heard of, and those whose newest change we have not seen,
// are due at once, unless a look is under way; if that look misses the change, the next sweep finds it again. It
// returns how many are due by that. covered, if not zero, says that all orders created before it were listed.
func (s *Store) Swept(ctx context.Context, listed []Listed, covered time.Time) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, upkeepTimeout)
	defer cancel()
	ids := column(listed, func(l Listed) string { return l.OrderID })
	modified := column(listed, func(l Listed) *time.Time { return optional(l.Modified) })
	tag, err := s.pool.Exec(ctx, `
		with listed as (
			select l.id from unnest($1::text[], $2::timestamptz[]) as l (id, modified)
			left join orders o on o.order_id = l.id
			where o.order_id is null or o.modified_at is null or o.modified_at < l.modified
		)
		insert into checks as c (order_id, known, due_at, cause, first_seen_by)
		select distinct id, true, now(), 'sweep', 'sweep' from listed order by id
		on conflict (order_id) do update set
			known = true,
			cause = case when c.due_at <= now() then c.cause else 'sweep' end,
			due_at = least(c.due_at, now()),
			lease = null -- it is over, and its holder, who may yet come, did not look for this change
		where c.lease is null or c.due_at <= now()`, ids, modified)
	if err != nil {
		return 0, fmt.Errorf("record %d listed orders: %w", len(ids), err)
	}
	if covered.IsZero() {
		return int(tag.RowsAffected()), nil
	}
	if _, err := s.pool.Exec(ctx, `
		update sweeps set covered = greatest(covered, $1) where one`, covered); err != nil {
		return 0, fmt.Errorf("note the end of a sweep: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
