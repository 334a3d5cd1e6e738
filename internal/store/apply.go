package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Apply stores what came of a look: the order, its events and when it is due next, in one transaction, shared with
// the other results at hand. It is the only way in which an order changes, whoever asked for the look. Applying an
// answer twice, or an old one late, does no harm. If it fails nothing is stored, and the order is due again when the
// claim's lease is over.
func (s *Store) Apply(ctx context.Context, r Result) (Outcome, error) {
	a, err := s.results.do(ctx, r)
	if err == nil {
		err = a.err
	}
	return a.outcome, err
}

// applied is what became of one Result of a batch.
type applied struct {
	outcome Outcome
	err     error
}

// applyBatch commits one batch of results. Each has an error of its own.
func (s *Store) applyBatch(ctx context.Context, results []Result) ([]applied, error) {
	all := make([]applied, len(results))
	for _, w := range waves(results) {
		for i, a := range s.applyWave(ctx, w.results) {
			all[w.at[i]] = a
		}
	}
	return all, nil
}

// wave is a part of a batch in which no order occurs twice.
type wave struct {
	results []Result
	at      []int // where each result stands in the batch
}

// waves splits a batch so that results of one order follow each other.
func waves(results []Result) []wave {
	var out []wave
	seen := make(map[string]int, len(results))
	for i, r := range results {
		n := seen[r.Claim.OrderID]
		seen[r.Claim.OrderID]++
		if n == len(out) {
			out = append(out, wave{})
		}
		out[n].results = append(out[n].results, r)
		out[n].at = append(out[n].at, i)
	}
	return out
}

// applyWave commits results of different orders, together if that can be. One that the database refuses must not keep
// its neighbours from being stored: halving the wave finds it.
func (s *Store) applyWave(ctx context.Context, results []Result) []applied {
	outcomes, err := s.applyTogether(ctx, results)
	switch {
	case err == nil:
	case len(results) > 1 && !Unavailable(err):
		half := len(results) / 2
		return append(s.applyWave(ctx, results[:half]), s.applyWave(ctx, results[half:])...)
	case len(results) == 1 && unstorable(err) && results[0].Order != nil:
		s.log.WarnContext(ctx, "gateway document cannot be stored, only what was read from it",
			"order_id", results[0].Claim.OrderID, "err", err)
		outcomes, err = s.applyTogether(ctx, []Result{results[0].withoutDocument()})
	}
	all := make([]applied, len(results))
	for i := range all {
		if err != nil {
			all[i].err = fmt.Errorf("apply an answer for order %s: %w", results[i].Claim.OrderID, err)
			continue
		}
		all[i].outcome = outcomes[i]
	}
	return all
}

// withoutDocument keeps the facts that were read from the document.
func (r Result) withoutDocument() Result {
	o := *r.Order
	o.Raw = nil
	r.Order = &o
	return r
}

// applyTogether is one transaction. Its locks are taken in the order that the package comment gives.
func (s *Store) applyTogether(ctx context.Context, results []Result) ([]Outcome, error) {
	var changes []*change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		changes = make([]*change, len(results))
		for i, r := range results {
			changes[i] = &change{result: r}
		}
		now, err := lockOrders(ctx, tx, changes)
		if err != nil {
			return err
		}
		for _, c := range changes {
			s.judge(c, now)
		}
		if err := markPaidTwice(ctx, tx, changes); err != nil {
			return err
		}
		return s.write(ctx, tx, changes)
	})
	if err == nil {
		s.tell(changes...)
	}
	return column(changes, func(c *change) Outcome { return c.outcome }), err
}
