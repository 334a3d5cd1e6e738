package store

import (
	"context"
	"fmt"

	"webhookd/internal/nopayn"
)

// Worker looks at orders. It lets an order be claimed in the statement that records its webhook, which saves a
// round trip on the way from webhook to answer.
type Worker interface {
	// Reserve sets room aside for up to n looks that can start at once. At most heard of them may be at ids that
	// only a webhook named, so that forged ones cannot take the room of real orders.
	Reserve(n int) (room, heard int)
	// Start looks at the claimed orders and gives the unused rest of a reservation back. It does not wait.
	Start(claims []Claim, unused int)
	// Wake says that orders are due which Start was not given.
	Wake()
}

// hintLanes is how many commits of webhooks may be under way at once: while one waits for the disk, another is made.
const hintLanes = 2

// Intake records webhooks. Use Store.NewIntake.
type Intake struct {
	store  *Store
	worker Worker
	commit *groupCommit[string, struct{}]
}

// NewIntake returns an intake that hands what it records to w.
func (s *Store) NewIntake(w Worker) *Intake {
	in := &Intake{store: s, worker: w}
	in.commit = newGroupCommit(&s.flushes, in.record, s.metrics.hints, s.commitTime, hintLanes)
	return in
}

// Hint records that a webhook named the order and makes it due. When it returns nil, that is committed. It waits for
// three seconds at most; after an error the hint may or may not be recorded. An invalid id is nopayn.ErrInvalidID.
// While a look at the order is under way nobody else begins one; the order is looked at once more after it.
func (in *Intake) Hint(ctx context.Context, id string) error {
	if !nopayn.ValidID(id) {
		return nopayn.ErrInvalidID
	}
	ctx, cancel := context.WithTimeout(ctx, in.store.commitTime)
	defer cancel()
	_, err := in.commit.do(ctx, id)
	return err
}

// record commits one batch of hints and starts as many looks as there is room for.
func (in *Intake) record(ctx context.Context, ids []string) ([]struct{}, error) {
	names, counts := tally(ids)
	room, heard := in.worker.Reserve(len(names))
	claims, err := in.store.recordHints(ctx, names, counts, room, heard)
	in.worker.Start(claims, room-len(claims))
	if err != nil {
		return nil, err
	}
	if len(claims) < len(names) {
		in.worker.Wake()
	}
	return make([]struct{}, len(ids)), nil
}

// tally counts how often each id occurs, in the order of first occurrence.
func tally(ids []string) (names []string, counts []int64) {
	at := make(map[string]int, len(ids))
	for _, id := range ids {
		i, seen := at[id]
		if !seen {
			i = len(names)
			at[id] = i
			names, counts = append(names, id), append(counts, 0)
		}
		counts[i]++
	}
	return names, counts
}

// recordHints counts the hints and makes their orders due, or claims them: at most room of them, orders of ours
// first, and of ids that only webhooks named at most heard. An order whose claim is under way stays as it is; the count
// tells the one who holds it that there was a hint meanwhile.
func (s *Store) recordHints(
	ctx context.Context, ids []string, counts []int64, room, heard int,
) ([]Claim, error) {
	if room == 0 {
		return nil, s.countHints(ctx, ids, counts)
	}
	lease := newLease()
	rows, _ := s.pool.Query(ctx, `
		with hint as (
			select h.id, h.n,
				row_number() over (order by c.known is true desc, h.place) <= $3::int
				and (c.known is true
					or row_number() over (partition by c.known is true order by h.place) <= $4::int) as take
			from unnest($1::text[], $2::bigint[]) with ordinality as h (id, n, place)
			left join checks c on c.order_id = h.id
		), stored as (
			insert into checks as c
				(order_id, hints, hinted_at, cause, first_seen_by, lease, due_at)
			select id, n, now(), 'webhook', 'webhook',
				case when take then $5::bigint end,
				case when take then now() + $6::interval else now() end
			from hint order by id`+hintKnown+`
			returning c.order_id, c.known, c.cause, c.hints, c.lease
		)
		select order_id, known, cause, hints, now() as now from stored where lease = $5`,
		ids, counts, room, heard, lease, s.rules.Lease)
	claims, err := collectClaims(rows, lease)
	if err != nil {
		return nil, fmt.Errorf("record %d hints: %w", len(ids), err)
	}
	return claims, nil
}

// countHints is recordHints without claims. It asks a third less of the database, and that in a flood of webhooks, when
// there is no room.
func (s *Store) countHints(ctx context.Context, ids []string, counts []int64) error {
	_, err := s.pool.Exec(ctx, `
		insert into checks as c (order_id, hints, hinted_at, cause, first_seen_by, due_at)
		select id, n, now(), 'webhook', 'webhook', now()
		from unnest($1::text[], $2::bigint[]) as h (id, n) order by id`+hintKnown, ids, counts)
	if err != nil {
		return fmt.Errorf("record %d hints: %w", len(ids), err)
	}
	return nil
}

// hintKnown is what a hint changes where the id is known. A claim under way stays.
const hintKnown = `
	on conflict (order_id) do update set
		hints = c.hints + excluded.hints,
		hinted_at = now(),
		cause = case when c.lease is not null and c.due_at > now() then c.cause else 'webhook' end,
		lease = case when c.lease is not null and c.due_at > now() then c.lease else excluded.lease end,
		due_at = case when c.lease is not null and c.due_at > now() then c.due_at else excluded.due_at end`
