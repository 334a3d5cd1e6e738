package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"webhookd/internal/nopayn"
)

// Standing is how an id stands when somebody wants it looked at now. Its zero value is one never heard of.
type Standing struct {
	CheckedAt time.Time // when the newest answer that counted was asked for; zero if there was none
	Fresh     bool      // that is not longer ago than the caller bears
	UnderWay  bool      // somebody is looking at it
}

// Standing tells whether an order has to be looked at for a caller who bears what is no older than maxAge. It changes
// nothing.
func (s *Store) Standing(ctx context.Context, id string, maxAge time.Duration) (Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, s.commitTime)
	defer cancel()
	var at Standing
	var checked *time.Time
	err := s.pool.QueryRow(ctx, `
		select checked_at, coalesce(checked_at > now() - $2::interval, false), lease is not null and due_at > now()
		from checks where order_id = $1`, id, maxAge).Scan(&checked, &at.Fresh, &at.UnderWay)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Standing{}, fmt.Errorf("ask when order %s was looked at: %w", id, err)
	}
	at.CheckedAt = deref(checked)
	return at, nil
}

// ClaimNow hands out one order, be it one never heard of, for a look at once, and hides it from others as ClaimDue
// does. ok is false if somebody is looking at it, or if its newest answer is not older than maxAge. An id that only
// ClaimNow has named is forgotten again unless the look finds an order. An invalid one is nopayn.ErrInvalidID.
func (s *Store) ClaimNow(ctx context.Context, id string, maxAge time.Duration) (c Claim, ok bool, err error) {
	if !nopayn.ValidID(id) {
		return Claim{}, false, nopayn.ErrInvalidID
	}
	ctx, cancel := context.WithTimeout(ctx, s.commitTime)
	defer cancel()
	lease := newLease()
	rows, _ := s.pool.Query(ctx, `
		insert into checks as c (order_id, cause, first_seen_by, lease, due_at)
		values ($1, 'refresh', 'refresh', $2, now() + $3::interval)
		on conflict (order_id) do update set cause = 'refresh', lease = excluded.lease, due_at = excluded.due_at
		where (c.lease is null or c.due_at <= now())
			and (c.checked_at is null or c.checked_at <= now() - $4::interval)
		returning order_id, known, cause, hints, now() as now`, id, lease, s.rules.Lease, maxAge)
	claims, err := collectClaims(rows, lease)
	switch {
	case err != nil:
		return Claim{}, false, fmt.Errorf("claim order %s: %w", id, err)
	case len(claims) == 0:
		return Claim{}, false, nil
	}
	return claims[0], true, nil
}
