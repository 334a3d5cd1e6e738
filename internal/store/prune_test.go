package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const day = 24 * time.Hour

// prune calls a pruner until it says that there is no more, and gives the sizes of its batches.
func prune(t testing.TB, batch func(context.Context, time.Duration) (int, bool, error), keep time.Duration) []int {
	t.Helper()
	var sizes []int
	for {
		n, more, err := batch(t.Context(), keep)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
		if !more {
			return sizes
		}
	}
}

// fillFeed appends n events that are as old as said.
func (b *bench) fillFeed(t testing.TB, n int, age time.Duration) {
	t.Helper()
	b.exec(t, `with moved as (update feed set head = head + $1::int returning head - $1::int as was)
		insert into events (seq, type, order_id, time, source, snapshot)
		select was + i, 'order.paid', 'order-' || was + i, now() - $2::interval, 'webhook', '{}'
		from moved, generate_series(1, $1::int) i`, n, age)
}

// wantFloor fails unless the feed can be continued from floor on, and not from before.
func (b *bench) wantFloor(t testing.TB, floor int64) {
	t.Helper()
	page, err := b.Events(t.Context(), "", floor, 1)
	if err != nil || page.HasMore != (page.Head > page.Next) || len(page.Events) > 0 && page.Events[0].Seq != floor+1 {
		t.Errorf("after %d: %+v, %v", floor, page, err)
	}
	var gone *store.GoneError
	if _, err := b.Events(t.Context(), "", floor-1, 1); floor > 0 && !errors.As(err, &gone) {
		t.Errorf("after %d: %v, want a GoneError", floor-1, err)
	}
}

func TestPruneEventsTakesTheFrontInBatches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.wantFloor(t, 0)
	b.fillFeed(t, 2500, 10*day)
	b.fillFeed(t, 100, day)
	if got := fmt.Sprint(prune(t, b.PruneEvents, 5*day)); got != "[1000 1000 500]" {
		t.Errorf("batches %s", got)
	}
	b.wantFloor(t, 2500)
	if got := fmt.Sprint(prune(t, b.PruneEvents, 5*day)); got != "[0]" {
		t.Errorf("batches %s, want nothing left", got)
	}
	b.wantFloor(t, 2500)
	if got := fmt.Sprint(prune(t, b.PruneEvents, time.Hour)); got != "[100]" {
		t.Errorf("batches %s", got)
	}
	b.wantFloor(t, 2600)
	b.see(t, document(t, fixturePaid)) // the feed goes on from where it was
	page, err := b.Events(t.Context(), "", 2600, 10)
	if err != nil || len(page.Events) != 1 || page.Events[0].Seq != 2601 {
		t.Errorf("page %+v, %v", page, err)
	}
}

// TestPruneEventsLeavesNoGap has a clock that was set back date events before their elders.
func TestPruneEventsLeavesNoGap(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fillFeed(t, 3, 10*day)
	b.fillFeed(t, 2, day)
	b.fillFeed(t, 4, 10*day)
	if got := fmt.Sprint(prune(t, b.PruneEvents, 5*day)); got != "[3]" {
		t.Errorf("batches %s, want those before the first that is kept", got)
	}
	b.wantFloor(t, 3)
}

// TestPromise4_PruningNeverHidesWhatNobodyRead prunes all that is there, again and again, while events come in.
func TestPromise4_PruningNeverHidesWhatNobodyRead(t *testing.T) {
	t.Parallel()
	a, b := newPair(t)
	const events = 150
	done := make(chan struct{})
	// What fails first ends all parts, and is what the test tells.
	parts, ctx := errgroup.WithContext(t.Context())
	for _, s := range []*bench{a, b} {
		parts.Go(func() error { return s.pruneUntil(ctx, done) })
	}
	docs := make([]*nopayn.Order, events)
	for i := range docs {
		docs[i] = paid(t, fmt.Sprintf("order-%d", i))
	}
	parts.Go(func() error {
		for _, doc := range docs {
			if err := b.appear(ctx, doc); err != nil {
				return fmt.Errorf("order %s: %w", doc.ID, err)
			}
		}
		return nil
	})
	parts.Go(func() error {
		defer close(done)
		return a.readAndAge(ctx, events)
	})
	if err := parts.Wait(); err != nil {
		t.Error(err)
	}
}

// pruneUntil prunes what is older than a day, again and again.
func (b *bench) pruneUntil(ctx context.Context, done <-chan struct{}) error {
	for {
		select {
		case <-done:
			return nil
		default:
		}
		if _, _, err := b.PruneEvents(ctx, day); err != nil {
			return err
		}
	}
}

// appear is see for a part of a test.
func (b *bench) appear(ctx context.Context, doc *nopayn.Order) error {
	if err := b.NewIntake(idle{}).Hint(ctx, doc.ID); err != nil {
		return err
	}
	c, ok, err := b.ClaimNow(ctx, doc.ID, 0)
	if err != nil || !ok {
		return fmt.Errorf("claimed %t: %w", ok, err)
	}
	_, err = b.Apply(ctx, answered(c, doc))
	return err
}

// readAndAge reads n events without a gap, and makes each as old as those that are pruned once it is read.
func (b *bench) readAndAge(ctx context.Context, n int64) error {
	for at := int64(0); at < n; {
		page, err := b.Events(ctx, "", at, 10)
		if err != nil {
			return fmt.Errorf("after %d: %w", at, err)
		}
		for _, e := range page.Events {
			if at++; e.Seq != at {
				return fmt.Errorf("event %d where %d was to come", e.Seq, at)
			}
		}
		// The events are locked in their order, as a pruner does.
		if _, err := b.pool.Exec(ctx, `with read as (select seq from events where seq <= $1 order by seq for update)
			update events set time = now() - interval '2 days' where seq = any (array(select seq from read))`, at); err != nil {
			return fmt.Errorf("after %d: %w", at, err)
		}
	}
	return nil
}

// settleAgo makes every order settled and unchanged for the time given.
func (b *bench) settleAgo(t testing.TB, age time.Duration) {
	t.Helper()
	b.exec(t, `update orders set updated_at = now() - $1::interval`, age)
}

func TestPruneOrdersForgetsSettledOnesOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.see(t, paid(t, "settled"))
	b.see(t, paid(t, "open", with("status", "processing"), created(time.Now())))
	b.see(t, paid(t, "hinted"))
	b.see(t, paid(t, "busy"))
	b.see(t, paid(t, "failing"))
	b.fail(t, b.claimNow(t, "failing"), time.Hour)
	busy := b.claimNow(t, "busy")
	b.hint(t, "hinted")
	b.settleAgo(t, 31*day)
	b.see(t, paid(t, "recent"))
	if got := fmt.Sprint(prune(t, b.PruneOrders, 30*day)); got != "[1]" {
		t.Errorf("batches %s", got)
	}
	if got := strings.Join(b.list(t, store.Filter{}, 10), " "); got != "recent failing busy hinted open" {
		t.Errorf("left are %q", got)
	}
	if n := one[int](t, b, `select count(*) from checks`); n != 5 {
		t.Errorf("%d checks are left", n)
	}
	if events, err := b.History(t.Context(), "settled", 0, 1000); err != nil || len(events) != 1 {
		t.Errorf("history of a forgotten order: %d events, %v", len(events), err)
	}
	b.answer(t, busy, paid(t, "busy"))
	b.settleAgo(t, 31*day)
	if got := fmt.Sprint(prune(t, b.PruneOrders, 30*day)); got != "[2]" { // recent too by now
		t.Errorf("batches %s", got)
	}
}

func TestPruneOrdersGoesInBatches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `insert into orders (order_id, state, settled, first_seen_at, first_seen_by, updated_at)
		select 'order-' || i, 'paid', true, now(), 'webhook', now() - interval '1 year' from generate_series(1, 2100) i`)
	b.exec(t, `insert into checks (order_id, cause, first_seen_by, failures)
		select 'order-' || i, 'webhook', 'webhook', case when i <= 50 then 1 else 0 end from generate_series(1, 2100) i`)
	if got := fmt.Sprint(prune(t, b.PruneOrders, 30*day)); got != "[1000 1000 50]" {
		t.Errorf("batches %s", got)
	}
	if n := one[int](t, b, `select count(*) from orders`); n != 50 {
		t.Errorf("%d orders are left, want those that still fail", n)
	}
}
