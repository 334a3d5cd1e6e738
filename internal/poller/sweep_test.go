package poller_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

const window = 2 * time.Hour

func sweeping(c *poller.Config) { c.SweepInterval, c.SweepWindow = 10*time.Minute, window }

// sweepOf has the next sweep reach back so far from now.
func (b *bench) sweepOf(back time.Duration) (since, until time.Time) {
	until = time.Now()
	since = until.Add(-back)
	b.store.onClaimSweep = func(context.Context) (store.Sweep, bool, error) {
		return store.Sweep{Since: since, Until: until}, true, nil
	}
	return since, until
}

// stretches are the parts of the list that were asked for.
type stretches struct {
	mu  sync.Mutex
	all []string
}

func (s *stretches) note(stretch string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, stretch)
	return len(s.all)
}

func (s *stretches) noted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// lists has the gateway answer one list after the other.
func (b *bench) lists(answers ...func() ([]nopayn.Order, error)) *stretches {
	asked := new(stretches)
	start := time.Now()
	b.gateway.list = func(since, until time.Time) ([]nopayn.Order, error) {
		n := asked.note(fmt.Sprintf("%s %s", since.Sub(start), until.Sub(start)))
		return answers[min(n, len(answers))-1]()
	}
	return asked
}

func listed(ids ...string) func() ([]nopayn.Order, error) { return partly(nil, ids...) }

func partly(err error, ids ...string) func() ([]nopayn.Order, error) {
	return func() ([]nopayn.Order, error) {
		var orders []nopayn.Order
		for _, id := range ids {
			orders = append(orders, nopayn.Order{ID: id, Modified: time.Now()})
		}
		return orders, err
	}
}

// TestSweepInStretches of about a window, the last with a little of the future.
func TestSweepInStretches(t *testing.T) {
	for _, c := range []struct {
		back time.Duration
		want string
	}{
		{2 * time.Hour, "-2h0m0s 1h0m0s"},
		{2*time.Hour + 10*time.Minute, "-2h10m0s 1h0m0s"},
		{3 * time.Hour, "-3h0m0s 1h0m0s"},
		{7 * time.Hour, "-7h0m0s -5h0m0s, -5h0m0s -3h0m0s, -3h0m0s 1h0m0s"},
	} {
		t.Run(c.back.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(sweeping)
				_, until := b.sweepOf(c.back)
				asked := b.lists(listed("a", "not an id", "b"))
				if err := b.Sweep(t.Context()); err != nil {
					t.Errorf("Sweep: %v", err)
				}
				if got := strings.Join(asked.noted(), ", "); got != c.want {
					t.Errorf("lists asked for: %s; want %s", got, c.want)
				}
				last := b.store.swept[len(b.store.swept)-1]
				if len(b.store.swept) != len(asked.noted()) || last != (swept{"a b", until}) {
					t.Errorf("recorded %v, at last to be covered up to %s", b.store.swept, until)
				}
			})
		})
	}
}

// TestSweepIsNotDue asks the gateway nothing.
func TestSweepIsNotDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		asked := b.lists(listed())
		if err := b.Sweep(t.Context()); err != nil || len(asked.noted()) != 0 {
			t.Errorf("Sweep: %v after %d lists", err, len(asked.noted()))
		}
	})
}

// TestSweepWakes the poller when it has found something, even if it failed later on.
func TestSweepWakes(t *testing.T) {
	for _, later := range []error{nil, errNoRoute} {
		t.Run(fmt.Sprint(later), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench() // no sweeps of its own
				stop := b.run(t)
				defer stop()
				pass(500 * time.Millisecond)
				synctest.Wait()
				b.sweepOf(7 * time.Hour)
				b.lists(listed("found"), partly(later))
				b.store.makeDue("found")
				_ = b.Sweep(t.Context())
				synctest.Wait()
				if got := len(b.store.results()); got != 1 {
					t.Errorf("%d looks at once, want 1", got)
				}
			})
		})
	}
}

// TestSweepMeetsTrouble says how far a sweep of three stretches counts as done, and whether it goes on.
func TestSweepMeetsTrouble(t *testing.T) {
	closed := &gateway.ClosedError{After: time.Second}
	for _, c := range []struct {
		name    string
		second  func() ([]nopayn.Order, error) // answer to the second list
		err     error                          // of Sweep
		want    []string                       // ids recorded, a list each
		covered []time.Duration                // noted as covered, from the begin; 0 is nothing
	}{
		{
			"none", listed("b"), nil,
			[]string{"a", "b", "c"},
			[]time.Duration{window, 2 * window, 3 * window},
		},
		{
			"an entry without an id", partly(errUnreadable, "b"), nil,
			[]string{"a", "b", "c"},
			[]time.Duration{window, 2 * window, 3 * window},
		},
		{
			"a list that cannot be read at all", partly(errUnreadable), errUnreadable,
			[]string{"a", "c"},
			[]time.Duration{window, 0},
		},
		{"no connection", partly(errNoRoute), errNoRoute, []string{"a"}, []time.Duration{window}},
		{"a closed gateway", partly(closed), closed, []string{"a"}, []time.Duration{window}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(sweeping)
				since, _ := b.sweepOf(3 * window)
				b.lists(listed("a"), c.second, listed("c"))
				if err := b.Sweep(t.Context()); !errors.Is(err, c.err) {
					t.Errorf("Sweep: %v, want %v", err, c.err)
				}
				var ids []string
				var covered []time.Duration
				for _, s := range b.store.swept {
					ids = append(ids, s.ids)
					if s.covered.IsZero() {
						covered = append(covered, 0)
						continue
					}
					covered = append(covered, s.covered.Sub(since))
				}
				if !slices.Equal(ids, c.want) || !slices.Equal(covered, c.covered) {
					t.Errorf("recorded %q, covered %v; want %q, %v", ids, covered, c.want, c.covered)
				}
			})
		})
	}
}

// TestSweepIsSwitchedOff by a gateway that does not list orders, with one warning, and not by other trouble.
func TestSweepIsSwitchedOff(t *testing.T) {
	for _, c := range []struct {
		err error
		off bool
	}{
		{refusal(403), true},
		{refusal(404), true},
		{refusal(401), false},
		{refusal(500), false},
		{refusal(429), false},
		{errNoRoute, false},
		{errUnreadable, false},
	} {
		t.Run(fmt.Sprint(c.err), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(sweeping)
				b.sweepOf(window)
				asked := b.lists(partly(c.err))
				stop := b.run(t)
				pass(time.Minute - 1)
				synctest.Wait()
				want, text := 4, "sweep failed"
				if c.off {
					want, text = 1, "sweeping is off"
				}
				if len(asked.noted()) != want || b.logs.said(text) != want || b.logs.said("level=WARN") != want {
					t.Errorf("%d lists, and the log says\n%s\nwant %d times: %s", len(asked.noted()), b.logs, want, text)
				}
				if b.logs.said(gatewayText) > 0 {
					t.Errorf("the log quotes the gateway:\n%s", b.logs)
				}
				stop()
			})
		})
	}
}

// TestSweepOnADatabaseThatHangs gives up, so that the next one can be made.
func TestSweepOnADatabaseThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		b.sweepOf(window)
		b.lists(listed("a"))
		b.store.onSwept = func(ctx context.Context) (int, error) { return 0, frozen(ctx) }
		start := time.Now()
		if err := b.Sweep(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("Sweep: %v after %s, want it to give up after 10s", err, time.Since(start))
		}
		b.store.onClaimSweep = func(ctx context.Context) (store.Sweep, bool, error) {
			return store.Sweep{}, false, frozen(ctx)
		}
		start = time.Now()
		if err := b.Sweep(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("Sweep: %v after %s, want it to give up after 10s", err, time.Since(start))
		}
	})
}

// TestSweepPanics without taking the process along.
func TestSweepPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		b.sweepOf(window)
		b.lists(func() ([]nopayn.Order, error) { panic(gatewayText) })
		if err := b.Sweep(t.Context()); err == nil {
			t.Error("Sweep of a list that panics: nil")
		}
		if b.logs.said("msg=panic") != 1 || b.logs.said(gatewayText) != 0 {
			t.Errorf("log:\n%s", b.logs)
		}
	})
}

// TestStopCutsASweepShort, and is not reported as its failure.
func TestStopCutsASweepShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		b.store.onClaimSweep = func(ctx context.Context) (store.Sweep, bool, error) {
			return store.Sweep{}, false, frozen(ctx)
		}
		stop := b.run(t)
		pass(time.Second)
		synctest.Wait()
		if took := stop(); took != 0 {
			t.Errorf("Run returned after %s", took)
		}
		if text := b.logs.String(); text != "" {
			t.Errorf("log:\n%s", text)
		}
	})
}

// TestNoSweep where the operator wants none.
func TestNoSweep(t *testing.T) {
	for name, off := range map[string]func(*poller.Config){
		"interval": func(c *poller.Config) { c.SweepWindow = window },
		"window":   func(c *poller.Config) { c.SweepInterval = time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(off)
				stop := b.run(t)
				pass(time.Hour)
				synctest.Wait()
				stop()
				if b.store.sweeps != 0 {
					t.Errorf("%d looks for a sweep", b.store.sweeps)
				}
			})
		})
	}
}

// TestSweepInHalves when the gateway's list is too long to be read: the orders of a busy shop's last hours are found
// all the same. A list that stays too long is an error, and nothing behind it counts as covered.
func TestSweepInHalves(t *testing.T) {
	tooLong := &nopayn.ResponseError{Operation: "list_orders", Err: fmt.Errorf("%w: much", nopayn.ErrTooLong)}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		_, until := b.sweepOf(window)
		asked := b.lists(partly(tooLong), partly(tooLong), listed("a"), listed("b"), listed("c"))
		if err := b.Sweep(t.Context()); err != nil {
			t.Errorf("Sweep: %v", err)
		}
		const want = "-2h0m0s 1h0m0s, -2h0m0s -1h0m0s, -2h0m0s -1h30m0s, -1h30m0s -1h0m0s, -1h0m0s 1h0m0s"
		if got := strings.Join(asked.noted(), ", "); got != want {
			t.Errorf("lists asked for: %s; want %s", got, want)
		}
		covered := []swept{
			{"a", until.Add(-90 * time.Minute)}, {"b", until.Add(-time.Hour)}, {"c", until},
		}
		if !slices.Equal(b.store.swept, covered) {
			t.Errorf("recorded %v, want %v", b.store.swept, covered)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(sweeping)
		b.sweepOf(window)
		asked := b.lists(partly(tooLong))
		if err := b.Sweep(t.Context()); !errors.Is(err, nopayn.ErrTooLong) || len(b.store.swept) != 0 {
			t.Errorf("Sweep: %v with %v recorded", err, b.store.swept)
		}
		if n := len(asked.noted()); n > 9 {
			t.Errorf("asked for %d lists, down to a stretch of a minute", n)
		}
	})
}
