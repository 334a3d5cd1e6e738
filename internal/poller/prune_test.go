package poller_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/poller"
)

// pruning notes each batch as kind and age.
type pruning struct {
	mu      sync.Mutex
	batches []string
}

func (p *pruning) note(kind string, keep time.Duration) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batches = append(p.batches, fmt.Sprint(kind, " ", keep))
	return len(p.batches)
}

// noted lists the batches so far.
func (p *pruning) noted() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.batches)
}

// TestPrune deletes batch after batch until there is no more, and looks again a minute later.
func TestPrune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(func(c *poller.Config) { c.RetentionEvents, c.RetentionOrders = time.Hour, 2*time.Hour })
		var p pruning
		b.store.onPrune = func(_ context.Context, kind string, keep time.Duration) (int, bool, error) {
			n := p.note(kind, keep)
			return 10, n < 3, nil // the third says that there is no more
		}
		stop := b.run(t)
		pass(59 * time.Second)
		synctest.Wait()
		want := []string{"events 1h0m0s", "events 1h0m0s", "events 1h0m0s", "orders 2h0m0s"}
		if !slices.Equal(p.noted(), want) {
			t.Errorf("batches %q, want %q", p.noted(), want)
		}
		if b.logs.said("kind=events rows=30") != 1 || b.logs.said("kind=orders rows=10") != 1 {
			t.Errorf("log:\n%s", b.logs)
		}
		pass(2 * time.Second)
		synctest.Wait()
		if len(p.noted()) != 6 {
			t.Errorf("%d batches after a minute, want 6", len(p.noted()))
		}
		stop()
	})
}

// TestPruneOnlyWhatHasARetention.
func TestPruneOnlyWhatHasARetention(t *testing.T) {
	for _, c := range []struct {
		events, orders time.Duration
		want           []string
	}{
		{0, 0, nil},
		{time.Hour, 0, []string{"events 1h0m0s"}},
		{0, time.Hour, []string{"orders 1h0m0s"}},
	} {
		t.Run(fmt.Sprint(c.want), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(func(pc *poller.Config) { pc.RetentionEvents, pc.RetentionOrders = c.events, c.orders })
				var p pruning
				b.store.onPrune = func(_ context.Context, kind string, keep time.Duration) (int, bool, error) {
					p.note(kind, keep)
					return 0, false, nil
				}
				stop := b.run(t)
				pass(time.Second)
				synctest.Wait()
				stop()
				if !slices.Equal(p.noted(), c.want) {
					t.Errorf("batches %q, want %q", p.noted(), c.want)
				}
				if b.logs.said("pruned") > 0 {
					t.Errorf("the log tells of nothing:\n%s", b.logs)
				}
			})
		})
	}
}

// TestPruneMeetsTrouble ends the round for that kind, says so, and keeps nobody waiting.
func TestPruneMeetsTrouble(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(context.Context) error
		took time.Duration
	}{
		{"an error", func(context.Context) error { return errors.New("no database") }, 0},
		{"a database that hangs", frozen, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(func(pc *poller.Config) { pc.RetentionEvents, pc.RetentionOrders = time.Hour, time.Hour })
				start := time.Now()
				var p pruning
				var orders time.Duration
				b.store.onPrune = func(ctx context.Context, kind string, keep time.Duration) (int, bool, error) {
					p.note(kind, keep)
					if kind == "events" {
						return 0, true, c.end(ctx)
					}
					orders = time.Since(start)
					return 0, false, nil
				}
				stop := b.run(t)
				pass(30 * time.Second)
				synctest.Wait()
				stop()
				if len(p.noted()) != 2 || orders != c.took {
					t.Errorf("batches %q, the orders after %s, want after %s", p.noted(), orders, c.took)
				}
				if b.logs.said("cannot prune") != 1 {
					t.Errorf("log:\n%s", b.logs)
				}
			})
		})
	}
}

// TestStopEndsPruning between two batches, however much there is.
func TestStopEndsPruning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(func(c *poller.Config) { c.RetentionEvents = time.Hour })
		b.store.onPrune = func(ctx context.Context, _ string, _ time.Duration) (int, bool, error) {
			pass(100 * time.Millisecond)
			synctest.Wait()
			return 1000, true, ctx.Err()
		}
		stop := b.run(t)
		pass(time.Second + 50*time.Millisecond)
		synctest.Wait()
		if took := stop(); took != 50*time.Millisecond {
			t.Errorf("Run returned after %s, want the end of the batch", took)
		}
		if b.logs.said("cannot prune") > 0 {
			t.Errorf("the stop is reported as a failure:\n%s", b.logs)
		}
	})
}
