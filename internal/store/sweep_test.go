package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/store"
)

const (
	sweepInterval = 10 * time.Minute
	sweepWindow   = 2 * time.Hour
	sweepFurthest = 7 * 24 * time.Hour
)

// claimSweep takes the sweep that must be due.
func (b *bench) claimSweep(t testing.TB) store.Sweep {
	t.Helper()
	sweep, ok, err := b.ClaimSweep(t.Context(), sweepInterval, sweepWindow, sweepFurthest)
	if err != nil || !ok {
		t.Fatalf("ClaimSweep: due %t, %v", ok, err)
	}
	return sweep
}

// wantStretch fails unless the sweep reaches back for about the time given, from now.
func wantStretch(t testing.TB, s store.Sweep, back time.Duration) {
	t.Helper()
	if length := s.Until.Sub(s.Since); length < back-time.Minute || length > back+time.Minute {
		t.Errorf("the sweep covers %v, want %v", length, back)
	}
	if age := time.Since(s.Until); age < -time.Minute || age > time.Minute {
		t.Errorf("the sweep ends %v ago, want now", age)
	}
}

func TestPromise10_ASweepIsDoneByOneStore(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	for round := range 3 {
		var won atomic.Int64
		var claimers sync.WaitGroup
		for i := range 8 {
			s := []*bench{a, b}[i%2]
			claimers.Go(func() {
				_, ok, err := s.ClaimSweep(t.Context(), sweepInterval, sweepWindow, sweepFurthest)
				if err != nil {
					t.Error(err)
				}
				if ok {
					won.Add(1)
				}
			})
		}
		claimers.Wait()
		if won.Load() != 1 {
			t.Errorf("round %d: %d stores sweep", round, won.Load())
		}
		a.exec(t, `update sweeps set next_at = now()`)
	}
}

func TestSweepReachesBackOverWhatNobodyListed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.claimSweep(t)
	wantStretch(t, first, sweepWindow)
	if _, ok, err := b.ClaimSweep(t.Context(), sweepInterval, sweepWindow, sweepFurthest); ok || err != nil {
		t.Errorf("the next sweep at once: due %t, %v", ok, err)
	}
	swept := func(covered time.Time) {
		if _, err := b.Swept(t.Context(), nil, covered); err != nil {
			t.Fatal(err)
		}
	}
	later := func() { b.exec(t, `update sweeps set next_at = now()`) }

	later() // the first failed: it covered nothing
	wantStretch(t, b.claimSweep(t), sweepWindow)

	swept(first.Until)
	b.exec(t, `update sweeps set covered = covered - interval '5 hours'`) // the service was away
	later()
	wantStretch(t, b.claimSweep(t), sweepWindow+5*time.Hour)

	swept(time.Now().Add(-time.Hour))
	swept(time.Now().Add(-30 * time.Hour)) // a slow replica comes late with an old stretch
	later()
	wantStretch(t, b.claimSweep(t), sweepWindow+time.Hour)

	swept(time.Time{}) // says nothing of what is covered
	later()
	wantStretch(t, b.claimSweep(t), sweepWindow+time.Hour)

	b.exec(t, `update sweeps set covered = now() - interval '1 year'`)
	later()
	wantStretch(t, b.claimSweep(t), sweepFurthest)

	swept(time.Now().Add(time.Hour)) // a gateway's clock that is ahead leaves no gap
	later()
	wantStretch(t, b.claimSweep(t), sweepWindow)
}

func TestPromise2_SweptMakesDueWhatWasMissed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	changed := document(t, fixturePaid).Modified
	for _, id := range []string{"seen", "outdated", "busy"} {
		b.see(t, paid(t, id))
	}
	b.register(t, "registered", store.Expected{})
	b.hint(t, "heard")
	b.claimOne(t) // of heard, whose look is under way
	b.claimNow(t, "busy")
	busy := b.schedule(t, "busy")

	n, err := b.Swept(t.Context(), []store.Listed{
		{OrderID: "unknown"},
		{OrderID: "unknown"},
		{OrderID: "unknown-2", Modified: changed},
		{OrderID: "seen", Modified: changed},
		{OrderID: "outdated", Modified: changed.Add(time.Microsecond)},
		{OrderID: "busy", Modified: changed.Add(time.Hour)},
		{OrderID: "registered", Modified: changed},
		{OrderID: "heard"},
	}, time.Time{})
	if err != nil || n != 4 {
		t.Errorf("Swept = %d, %v, want 4", n, err)
	}
	due := b.claimByID(t)
	for _, id := range []string{"unknown", "unknown-2", "outdated", "registered"} {
		if c, ok := due[id]; !ok || !c.Known || c.Cause != "sweep" {
			t.Errorf("%s: claim %+v", id, c)
		}
		delete(due, id)
	}
	if len(due) != 0 {
		t.Errorf("due as well: %v", due)
	}
	if after := b.schedule(t, "busy"); *after.Lease != *busy.Lease || !after.DueAt.Equal(*busy.DueAt) {
		t.Error("the sweep ended a look that was under way")
	}
	b.wantFeed(t, "order.paid", "order.paid", "order.paid")
}

func TestSweptOrderIsFirstSeenByTheSweep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Swept(t.Context(), []store.Listed{{OrderID: anOrder}}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	b.answer(t, b.claimOne(t), document(t, fixturePaid))
	if o := b.order(t, anOrder); o.FirstSeenBy != "sweep" || o.Webhooks.Count != 0 {
		t.Errorf("order %+v", o)
	}
	if e := b.feed(t)[0]; e.Source != "sweep" {
		t.Errorf("source %q", e.Source)
	}
}

// TestSweepIsNotUndoneByALateHolder has a holder whose lease is over come back with what the sweep knows to be old.
func TestSweepIsNotUndoneByALateHolder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, document(t, fixturePaid))
	late := b.claimNow(t, anOrder)
	b.exec(t, `update checks set due_at = now()`)
	if _, err := b.Swept(t.Context(), []store.Listed{{anOrder, time.Now()}}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	b.answer(t, late, document(t, fixturePaid))
	b.claimOne(t)
}

func TestLongListsAreSwept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var listed []store.Listed
	for i := range 5000 {
		listed = append(listed, store.Listed{OrderID: fmt.Sprintf("order-%d", i)})
	}
	if n, err := b.Swept(t.Context(), listed, time.Now()); err != nil || n != len(listed) {
		t.Errorf("Swept = %d, %v", n, err)
	}
}
