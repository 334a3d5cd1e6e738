package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/store"
)

func TestClaimDueTakesOrdersOfOursBeforeIDsOnlyHeardOf(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `insert into checks (order_id, known, due_at, cause, first_seen_by) values
		('heard-1', false, now() - interval '3 hours', 'webhook', 'webhook'),
		('heard-2', false, now() - interval '2 hours', 'webhook', 'webhook'),
		('known-1', true, now() - interval '1 hour', 'poll', 'sweep'),
		('known-2', true, now() - interval '1 minute', 'poll', 'sweep'),
		('later', true, now() + interval '1 minute', 'poll', 'sweep'),
		('never', true, null, 'poll', 'sweep')`)
	for _, want := range []string{"known-1", "known-2", "heard-1", "heard-2"} {
		claims, err := b.ClaimDue(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(claims) != 1 || claims[0].OrderID != want {
			t.Fatalf("claimed %+v, want %s", claims, want)
		}
	}
	if claims := b.claim(t); len(claims) != 0 {
		t.Errorf("claimed %+v, which is not due", claims)
	}
	if claims, err := b.ClaimDue(t.Context(), 0); err != nil || len(claims) != 0 {
		t.Errorf("ClaimDue(0) = %v, %v", claims, err)
	}
}

func TestClaimDueMixesBothKindsWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `insert into checks (order_id, known, due_at, cause, first_seen_by)
		select 'order-' || i, i <= 3, now(), 'webhook', 'webhook' from generate_series(1, 10) i`)
	claims, err := b.ClaimDue(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, c := range claims {
		if c.Known {
			known++
		}
	}
	if len(claims) != 5 || known != 3 {
		t.Errorf("claimed %d, %d of them known, want 5 with all 3 known ones", len(claims), known)
	}
}

func TestPromise2_LeaseOfADeadHolderComesBack(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	a.hint(t, anOrder)
	a.claimOne(t) // and its holder dies
	if due := b.claim(t); len(due) != 0 {
		t.Fatal("claimed under another's lease")
	}
	a.wantDue(t, anOrder, defaultRules().Lease, time.Second)
	b.exec(t, `update checks set due_at = now()`) // the lease is over
	if out := b.answer(t, b.claimOne(t), document(t, fixturePaid)); out.Verdict != store.Changed {
		t.Errorf("outcome %+v", out)
	}
	b.wantFeed(t, "order.paid")
}

// TestLateHolder has a holder come back after its lease is over. What it brings must not touch the schedule, which is
// another's by then.
func TestLateHolder(t *testing.T) {
	t.Parallel()
	meanwhile := map[string]func(t *testing.T, b *bench){
		"taken over": func(t *testing.T, b *bench) { b.claimOne(t) },
		"taken over and answered": func(t *testing.T, b *bench) {
			b.answer(t, b.claimOne(t), document(t, fixtureProcessing, created(time.Now())))
		},
		"taken over and failed": func(t *testing.T, b *bench) { b.fail(t, b.claimOne(t), time.Minute) },
		"named by a webhook":    func(t *testing.T, b *bench) { b.hint(t, anOrder) },
	}
	brings := map[string]func(t *testing.T, b *bench, c store.Claim) store.Outcome{
		"an answer": func(t *testing.T, b *bench, c store.Claim) store.Outcome {
			return b.answer(t, c, document(t, fixtureProcessing, created(time.Now())))
		},
		"a miss":    func(t *testing.T, b *bench, c store.Claim) store.Outcome { return b.miss(t, c) },
		"a failure": func(t *testing.T, b *bench, c store.Claim) store.Outcome { return b.fail(t, c, time.Hour) },
	}
	for happened, happen := range meanwhile {
		for what, bring := range brings {
			t.Run(happened+"/"+what, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.hint(t, anOrder)
				late := b.claimOne(t)
				b.exec(t, `update checks set due_at = now()`)
				happen(t, b)
				before := b.schedule(t, anOrder)
				out := bring(t, b, late)
				if diff := cmp.Diff(before, b.schedule(t, anOrder)); diff != "" {
					t.Errorf("the late holder changed the schedule:\n%s", diff)
				}
				if out.Again {
					t.Errorf("outcome %+v: whether to look again is not the late holder's to say", out)
				}
			})
		}
	}
}

func TestHolderWhoseLeaseIsOverStillSchedulesIfNobodyTookOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	late := b.claimOne(t)
	b.exec(t, `update checks set due_at = now() - interval '1 second'`)
	b.fail(t, late, 30*time.Minute)
	b.wantDue(t, anOrder, 30*time.Minute, time.Second)
}

// TestLateAnswerThatReopensAnOrderSchedulesIt has a late holder bring the newer document, of an order that the quicker
// one took for settled.
func TestLateAnswerThatReopensAnOrderSchedulesIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	now := time.Now()
	b.hint(t, anOrder)
	late := b.claimOne(t)
	b.exec(t, `update checks set due_at = now()`)
	b.answer(t, b.claimOne(t), document(t, fixtureNew, with("status", "cancelled"), modified(now.Add(-time.Hour))))
	if _, ok := b.dueIn(t, anOrder); ok {
		t.Fatal("a cancelled order is scheduled")
	}
	b.answer(t, late, document(t, fixtureNew, created(now), modified(now)))
	if o := b.order(t, anOrder); o.State != "pending" || o.Settled || o.NextCheckAt == nil {
		t.Errorf("order %+v, want it pending and scheduled", o)
	}
}

func TestAnswerForAForgottenCheckIsKept(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]string{
		"forgotten": `delete from checks`,
		"forgotten and heard again": `delete from checks;
			insert into checks (order_id, hints, due_at, cause, first_seen_by)
			values ('` + anOrder + `', 1, now(), 'webhook', 'webhook')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.hint(t, anOrder)
			c := b.claimOne(t)
			b.exec(t, meanwhile)
			b.answer(t, c, document(t, fixtureProcessing, created(time.Now())))
			if o := b.order(t, anOrder); o.State != "pending" || o.Webhooks.Count != 1 {
				t.Errorf("order %+v", o)
			}
			in, ok := b.dueIn(t, anOrder)
			if heardAgain := name != "forgotten"; !ok || heardAgain != (in <= 0) {
				t.Errorf("due in %v (scheduled: %t)", in, ok)
			}
		})
	}
}

func TestMissOfAForgottenCheckMakesNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hint(t, anOrder)
	c := b.claimOne(t)
	b.exec(t, `delete from checks`)
	b.miss(t, c)
	b.fail(t, c, 0)
	if rows := one[int](t, b, `select count(*) from checks`); rows != 0 {
		t.Errorf("%d checks", rows)
	}
}

func TestPromise10_TwoStoresNeverHoldTheSameClaim(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	const orders = 2000
	a.exec(t, `insert into checks (order_id, known, due_at, cause, first_seen_by)
		select 'order-' || i, i % 3 = 0, now(), 'poll', 'webhook' from generate_series(1, $1) i`, orders)
	w := &collector{seen: make(map[string]int)}
	var claimers sync.WaitGroup
	for i := range 8 {
		s := []*bench{a, b}[i%2]
		claimers.Go(func() {
			for {
				claims, err := s.ClaimDue(t.Context(), 7+i)
				if err != nil {
					t.Error(err)
					return
				}
				w.Start(claims, 0)
				if len(claims) == 0 {
					return
				}
			}
		})
	}
	for i := range 4 { // hints claim too
		in := []*bench{a, b}[i%2].NewIntake(w)
		claimers.Go(func() {
			for n := range orders / 20 {
				if err := in.Hint(t.Context(), fmt.Sprintf("order-%d", 1+n*20+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	claimers.Wait()
	w.Start(a.claim(t), 0) // skipped by all while somebody else had it locked
	if len(w.seen) != orders {
		t.Errorf("%d orders were claimed, want %d", len(w.seen), orders)
	}
	for id, n := range w.seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
}

// collector is a worker with room for all that counts what it is given.
type collector struct {
	idle
	mu   sync.Mutex
	seen map[string]int
}

func (*collector) Reserve(n int) (int, int) { return n, n }

func (w *collector) Start(claims []store.Claim, _ int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range claims {
		w.seen[c.OrderID]++
	}
}
