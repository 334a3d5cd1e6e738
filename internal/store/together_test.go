package store_test

import (
	"sync"
	"testing"

	"webhookd/internal/store"
)

// applyTogether applies results in one batch, in their order, by holding up the commit before: that of a failed look at
// gate. It fails the test if one of them fails.
func (b *bench) applyTogether(t *testing.T, results ...store.Result) []store.Outcome {
	t.Helper()
	outcomes, errs := b.tryTogether(t, results...)
	for i, err := range errs {
		if err != nil {
			t.Fatalf("result %d: %v", i, err)
		}
	}
	return outcomes
}

func (b *bench) tryTogether(t *testing.T, results ...store.Result) ([]store.Outcome, []error) {
	t.Helper()
	b.hint(t, gate)
	c := b.claimNow(t, gate)
	open := b.holdUp(t, gate)
	outcomes, errs := make([]store.Outcome, len(results)), make([]error, len(results))
	var applies sync.WaitGroup
	applies.Go(func() {
		if _, err := b.Apply(t.Context(), store.Result{Claim: c, Failure: &store.Failure{Code: "gateway_error"}}); err != nil {
			t.Error(err)
		}
	})
	b.untilHeldUp(t)
	for i, r := range results {
		applies.Go(func() { outcomes[i], errs[i] = b.Apply(t.Context(), r) })
		untilWaiting(t, b.WaitingAnswers, i+1)
	}
	open()
	applies.Wait()
	return outcomes, errs
}
