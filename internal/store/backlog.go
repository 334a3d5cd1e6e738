package store

import (
	"context"
	"fmt"
	"time"
)

// backlogBound bounds what Backlog counts, so that its cost is bounded too.
const backlogBound = 100_000

// Backlog is how much is waiting.
type Backlog struct {
	Due       int           // checks due and not under way, counted up to a bound
	OldestDue time.Duration // how long the oldest of them has been due
	Stuck     int           // orders unsettled for too long, counted up to a bound
	Head      int64         // newest feed position
}

// Backlog counts what is waiting.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := s.pool.QueryRow(ctx, `
		select
			(select count(*) from (select 1 from checks where known and due_at <= now() limit $1) k)
			+ (select count(*) from (select 1 from checks where not known and due_at <= now() limit $1) h),
			coalesce(greatest(now() - least(
				(select min(due_at) from checks where known and due_at <= now()),
				(select min(due_at) from checks where not known and due_at <= now())), interval '0'), interval '0'),
			(select count(*) from (select 1 from orders where stuck limit $1) s),
			(select head from feed where one)`, backlogBound).Scan(&b.Due, &b.OldestDue, &b.Stuck, &b.Head)
	if err != nil {
		return Backlog{}, fmt.Errorf("count the backlog: %w", err)
	}
	return b, nil
}
