package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"webhookd/internal/store"
)

func TestPromise3_FiftyConcurrentHintsMakeOneCheckAndOneEvent(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	intakes := []*store.Intake{a.NewIntake(idle{}), b.NewIntake(idle{})}
	var hints sync.WaitGroup
	for i := range 50 {
		hints.Go(func() {
			if err := intakes[i%2].Hint(t.Context(), anOrder); err != nil {
				t.Error(err)
			}
		})
	}
	hints.Wait()
	if rows := one[int](t, a, `select count(*) from checks`); rows != 1 {
		t.Errorf("%d checks, want 1", rows)
	}
	if out := a.answer(t, b.claimOne(t), document(t, fixturePaid)); out.Again {
		t.Error("the order is to be looked at again, though every hint came before the look")
	}
	if o := a.order(t, anOrder); o.Webhooks.Count != 50 || o.Webhooks.LastAt == nil {
		t.Errorf("webhooks %+v, want 50", o.Webhooks)
	}
	a.wantFeed(t, "order.paid")
}

func TestHintsShareCommits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.NewIntake(idle{})
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("order-%d", i)
	}
	b.hintTogether(t, in, ids...)
	if commits, hints := b.histogram(t, "webhookd_hint_batch_size"); commits != 2 || hints != 101 {
		t.Errorf("%v hints in %d commits, want the gate's own and 100 in one more", hints, commits)
	}
	if rows := one[int](t, b, `select count(*) from checks where due_at <= now()`); rows != 101 {
		t.Errorf("%d checks are due, want 101", rows)
	}
}

// gate is an id whose hint hintTogether holds up.
const gate = "gate"

// hintTogether records hints in one commit, in their order, by holding up the commit before: that of a hint for gate.
func (b *bench) hintTogether(t *testing.T, in *store.Intake, ids ...string) {
	t.Helper()
	in.OneAtATime()
	open := b.holdUp(t, gate)
	var hints sync.WaitGroup
	hint := func(id string) {
		hints.Go(func() {
			if err := in.Hint(t.Context(), id); err != nil {
				t.Errorf("Hint(%s): %v", id, err)
			}
		})
	}
	hint(gate)
	b.untilHeldUp(t)
	for i, id := range ids {
		hint(id)
		untilWaiting(t, in.Waiting, i+1)
	}
	open()
	hints.Wait()
}

// untilWaiting waits until n calls wait for the next commit.
func untilWaiting(t testing.TB, waiting func() int, n int) {
	t.Helper()
	for start := time.Now(); waiting() != n; runtime.Gosched() {
		if time.Since(start) > patience {
			t.Fatalf("%d calls wait after %v, want %d", waiting(), patience, n)
		}
	}
}

// holdUp keeps every statement waiting that concerns the order's check, until open is called.
func (b *bench) holdUp(t testing.TB, id string) (open func()) {
	t.Helper()
	b.exec(t, `insert into checks (order_id, cause, first_seen_by) values ($1, 'webhook', 'webhook')
		on conflict do nothing`, id)
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from checks where order_id = $1 for update`, id); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := tx.Rollback(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// untilHeldUp waits until a statement waits for a lock.
func (b *bench) untilHeldUp(t testing.TB) {
	t.Helper()
	eventually(t, "a statement waits for a lock", func() bool {
		return one[int](t, b, `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`) > 0
	})
}

// histogram gives the number and the sum of what a histogram observed.
func (b *bench) histogram(t testing.TB, name string) (count uint64, sum float64) {
	t.Helper()
	families, err := b.figures.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			h := f.GetMetric()[0].GetHistogram()
			return h.GetSampleCount(), h.GetSampleSum()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0, 0
}

func TestTooManyWaitingHintsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.NewIntake(idle{})
	in.LimitWaiting(20)
	open := b.holdUp(t, gate)
	var hints sync.WaitGroup
	hint := func() {
		hints.Go(func() {
			if err := in.Hint(t.Context(), gate); err != nil {
				t.Error(err)
			}
		})
	}
	hint()
	b.untilHeldUp(t)
	for i := range 20 {
		hint()
		untilWaiting(t, in.Waiting, i+1)
	}
	if err := in.Hint(t.Context(), anOrder); !errors.Is(err, store.ErrOverloaded) || !store.Unavailable(err) {
		t.Errorf("Hint with too many waiting: %v, want ErrOverloaded, which is Unavailable", err)
	}
	open()
	hints.Wait()
	if err := in.Hint(t.Context(), anOrder); err != nil {
		t.Errorf("Hint after the jam: %v", err)
	}
}

// TestManyWaitingHintsGetAnotherCommit beside one that hangs, which does not hold them up; a few wait for it.
func TestManyWaitingHintsGetAnotherCommit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.NewIntake(idle{})
	open := b.holdUp(t, gate)
	var held, others sync.WaitGroup
	hint := func(group *sync.WaitGroup, id string) {
		group.Go(func() {
			if err := in.Hint(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	hint(&held, gate)
	b.untilHeldUp(t)
	for i := range store.WorthAnother - 1 {
		hint(&others, fmt.Sprintf("order-%d", i))
		untilWaiting(t, in.Waiting, i+1)
	}
	hint(&others, "one-more")
	others.Wait()
	if n := one[int](t, b, `select count(*) from checks where hints = 1`); n != store.WorthAnother {
		t.Errorf("%d hints are recorded, want %d", n, store.WorthAnother)
	}
	open()
	held.Wait()
}

// TestAbandonedHintsDoNotWait has callers leave whose hints wait behind a commit that hangs.
func TestAbandonedHintsDoNotWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.NewIntake(idle{})
	open := b.holdUp(t, gate)
	var hints sync.WaitGroup
	hints.Go(func() {
		if err := in.Hint(t.Context(), gate); err != nil {
			t.Error(err)
		}
	})
	b.untilHeldUp(t)
	ctx, leave := context.WithCancel(t.Context())
	for i := range 10 {
		hints.Go(func() {
			if err := in.Hint(ctx, fmt.Sprintf("abandoned-%d", i)); !errors.Is(err, context.Canceled) {
				t.Errorf("Hint whose caller left: %v", err)
			}
		})
	}
	untilWaiting(t, in.Waiting, 10)
	hints.Go(func() {
		if err := in.Hint(t.Context(), "stays"); err != nil {
			t.Error(err)
		}
	})
	untilWaiting(t, in.Waiting, 11)
	leave()
	untilWaiting(t, in.Waiting, 1)
	open()
	hints.Wait()
	if ids := one[string](t, b, `select string_agg(order_id, ' ' order by order_id) from checks`); ids != "gate stays" {
		t.Errorf("recorded are %q", ids)
	}
}

func TestPromise5_HintDuringALookCausesExactlyOneMoreLook(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*bench, store.Claim) store.Outcome{
		"answered": func(b *bench, c store.Claim) store.Outcome { return b.answer(t, c, document(t, fixturePaid)) },
		"missed":   func(b *bench, c store.Claim) store.Outcome { return b.miss(t, c) },
		"failed":   func(b *bench, c store.Claim) store.Outcome { return b.fail(t, c, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.hint(t, anOrder)
			first := b.claimOne(t)
			b.hint(t, anOrder, anOrder)
			if due := b.claim(t); len(due) != 0 {
				t.Fatal("a hint made an order due whose look is under way")
			}
			if out := end(b, first); !out.Again {
				t.Errorf("after the look with a hint in it: %+v, want Again", out)
			}
			second := b.claimOne(t)
			if second.Cause != "webhook" {
				t.Errorf("the second look is caused by %q", second.Cause)
			}
			if out := b.answer(t, second, document(t, fixturePaid)); out.Again {
				t.Error("a third look, though no hint came during the second")
			}
			if due := b.claim(t); len(due) != 0 {
				t.Error("the order is due after the second look")
			}
			b.wantFeed(t, "order.paid")
		})
	}
}

// worker takes note of what an intake hands it, commit by commit.
type worker struct {
	room, heard int // what it has for each commit
	commits     []commit
}

type commit struct {
	asked  int // places
	claims []store.Claim
	unused int
	woken  bool
}

func (w *worker) Reserve(n int) (room, heard int) {
	w.commits = append(w.commits, commit{asked: n})
	return min(n, w.room), min(n, w.heard)
}

func (w *worker) Start(claims []store.Claim, unused int) {
	c := &w.commits[len(w.commits)-1]
	c.claims, c.unused = claims, unused
}

func (w *worker) Wake() { w.commits[len(w.commits)-1].woken = true }

func TestHintClaimsWhatThereIsRoomFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		room, heard int
		hints       string // k... is known, h... only heard of
		want        string // claimed
		woken       bool
	}{
		"no room":                        {0, 0, "k1 h1", "", true},
		"room for all":                   {8, 8, "k1 h1 k2", "h1 k1 k2", false},
		"room for some":                  {2, 2, "h1 h2 h3", "h1 h2", true},
		"none for forged ids":            {8, 0, "h1 h2 k1", "k1", true},
		"one for forged ids":             {8, 1, "h1 h2 k1", "h1 k1", true},
		"known orders go first":          {1, 1, "h1 h2 k1 k2", "k1", true},
		"known orders leave a place":     {2, 2, "h1 h2 k1", "h1 k1", true},
		"the same id twice is one place": {1, 1, "h1 h1", "h1", false},
		"what is under way takes none":   {8, 8, "busy h1", "h1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.exec(t, `insert into checks (order_id, known, cause, first_seen_by)
				values ('k1', true, 'poll', 'sweep'), ('k2', true, 'poll', 'sweep')`)
			b.hint(t, "busy")
			b.claimOne(t)
			w := &worker{room: c.room, heard: c.heard}
			b.hintTogether(t, b.NewIntake(w), strings.Fields(c.hints)...)

			got := w.commits[1]
			var claimed []string
			for _, claim := range got.claims {
				claimed = append(claimed, claim.OrderID)
				if claim.Known != (claim.OrderID[0] == 'k') || claim.Cause != "webhook" {
					t.Errorf("claim %+v", claim)
				}
			}
			slices.Sort(claimed)
			if s := strings.Join(claimed, " "); s != c.want {
				t.Errorf("claimed %q, want %q", s, c.want)
			}
			if want := min(got.asked, c.room) - len(claimed); got.unused != want || got.woken != c.woken {
				t.Errorf("%d places given back and woken %t, want %d and %t", got.unused, got.woken, want, c.woken)
			}
			var due []string
			for _, claim := range b.claim(t) {
				due = append(due, claim.OrderID)
			}
			for _, id := range strings.Fields(c.hints) {
				if id != "busy" && slices.Contains(claimed, id) == slices.Contains(due, id) {
					t.Errorf("%s is neither claimed nor due, or both: claimed %q, due %q", id, claimed, due)
				}
			}
		})
	}
}

func TestHintGivesPlacesBackIfItFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `alter table checks add check (hints = 0)`)
	w := &worker{room: 8, heard: 8}
	err := b.NewIntake(w).Hint(t.Context(), anOrder)
	if err == nil || store.Unavailable(err) {
		t.Errorf("Hint that is refused: %v, want an error that waiting does not mend", err)
	}
	if c := w.commits[0]; c.claims != nil || c.unused != 1 || c.woken {
		t.Errorf("the worker was told %+v, want one unused place", c)
	}
}
