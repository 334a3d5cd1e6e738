package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

// traffic notes when calls began and how many were under way at once.
type traffic struct {
	mu    sync.Mutex
	began []time.Time
	now   int
	most  int
}

// calls is a client whose calls take so long.
func (f *traffic) calls(take time.Duration) api {
	return api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
		f.mu.Lock()
		f.began = append(f.began, time.Now())
		f.now++
		f.most = max(f.most, f.now)
		f.mu.Unlock()
		pass(take)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.now--
		return &nopayn.Order{}, nil
	}}
}

// TestBudgetHolds sends a thousand callers at once, and looks at every second of the clock.
func TestBudgetHolds(t *testing.T) {
	for _, c := range []struct {
		rps         float64
		concurrency int
		take        time.Duration
		rate        float64 // calls a second that should come about, at least
	}{
		{rps: 0.5, concurrency: 4, take: time.Second, rate: 0.5},
		{rps: 1, concurrency: 1, take: 10 * time.Millisecond, rate: 1},
		{rps: 50, concurrency: 32, take: 200 * time.Millisecond, rate: 48},
		{rps: 200, concurrency: 32, take: 20 * time.Millisecond, rate: 190},
		{rps: 1000, concurrency: 8, take: 100 * time.Millisecond, rate: 80},
		{rps: 5000, concurrency: 1000, take: time.Millisecond, rate: 4500},
	} {
		t.Run(fmt.Sprintf("%g a second, %d at a time", c.rps, c.concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const callers = 1000
				f := &traffic{}
				g := newBench(f.calls(c.take), gateway.Config{RPS: c.rps, Concurrency: c.concurrency, Timeout: time.Minute})
				start := time.Now()
				var all sync.WaitGroup
				for range callers {
					all.Go(func() {
						if err := g.ask(t); err != nil {
							t.Errorf("Order: %v", err)
						}
					})
				}
				all.Wait()
				took := time.Since(start)
				if f.most > c.concurrency {
					t.Errorf("%d calls at a time, want at most %d", f.most, c.concurrency)
				}
				limit := int(math.Ceil(c.rps))
				for i := limit; i < callers; i++ {
					if second := f.began[i].Sub(f.began[i-limit]); second < time.Second-time.Microsecond {
						t.Fatalf("%d calls within %s, want %d a second", limit+1, second, limit)
					}
				}
				if rate := callers / took.Seconds(); rate < c.rate {
					t.Errorf("%.1f calls a second came about, want %g", rate, c.rate)
				}
			})
		})
	}
}

// TestCallersWithoutATurn are told at once that there is none before their time is over, and cost no one else a turn.
func TestCallersWithoutATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &traffic{}
		g := newBench(f.calls(0), gateway.Config{RPS: 1, Concurrency: 4, Timeout: time.Minute})
		if err := g.ask(t); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		for range 20 {
			if _, err := g.Order(short, "order"); !errors.Is(err, gateway.ErrBusy) {
				t.Fatalf("Order: %v, want ErrBusy", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %s to say that there is no turn", took)
		}
		if err := g.ask(t); err != nil || time.Since(start) != time.Second {
			t.Errorf("the next call: %v after %s, want its turn after 1s", err, time.Since(start))
		}
		if g.figure(t, "webhookd_gateway_requests_total", "code", "200", "operation", "get_order") != 2 {
			t.Error("what was not sent counts as a request")
		}
	})
}

// TestCallersWithoutAPlace wait for one until their time is over.
func TestCallersWithoutAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newBench(hangs(), gateway.Config{RPS: 100, Concurrency: 1, Timeout: 10 * time.Second})
		var hung sync.WaitGroup
		hung.Go(func() { _ = g.ask(t) })
		synctest.Wait()

		start := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := g.Order(short, "order"); !errors.Is(err, gateway.ErrBusy) || time.Since(start) != 3*time.Second {
			t.Errorf("Order: %v after %s, want ErrBusy after 3s", err, time.Since(start))
		}
		left, leave := context.WithCancel(t.Context())
		leave()
		if _, err := g.Order(left, "order"); !errors.Is(err, gateway.ErrBusy) || !errors.Is(err, context.Canceled) {
			t.Errorf("Order of a caller who left: %v, want ErrBusy and context.Canceled", err)
		}
		hung.Wait()
		if room := g.Room(); room.Calls == 0 {
			t.Errorf("Room after all calls have ended: %+v", room)
		}
	})
}

func TestRoom(t *testing.T) {
	budget := gateway.Config{RPS: 200, Concurrency: 8, Timeout: 10 * time.Second} // a burst of ten
	for _, c := range []struct {
		name    string
		ended   int // calls that have ended
		hanging int // calls under way
		later   time.Duration
		want    gateway.Room
	}{
		{name: "idle", want: gateway.Room{Calls: 8, Spare: 5}},
		{name: "half of the burst is used", ended: 5, want: gateway.Room{Calls: 5}},
		{name: "a bit more is used", ended: 3, want: gateway.Room{Calls: 7, Spare: 2}},
		{name: "the burst is used", ended: 10, want: gateway.Room{Wait: time.Second / 191}},
		{name: "and has come back", ended: 10, later: time.Second, want: gateway.Room{Calls: 8, Spare: 5}},
		{name: "calls under way", hanging: 5, later: time.Second, want: gateway.Room{Calls: 3, Spare: 1}},
		{name: "the reserve of places is left", hanging: 6, later: time.Second, want: gateway.Room{Calls: 2}},
		{name: "no place", hanging: 8, later: time.Second, want: gateway.Room{Wait: 5 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				hang := false
				g := newBench(api{get: func(ctx context.Context, _ string, _ ...nopayn.Field) (*nopayn.Order, error) {
					if hang {
						<-ctx.Done()
					}
					return &nopayn.Order{}, nil
				}}, budget)
				for range c.ended {
					_ = g.ask(t)
				}
				hang = true
				var calls sync.WaitGroup
				for range c.hanging {
					calls.Go(func() { _, _ = g.Order(ctx, "order") })
				}
				pass(c.later)
				synctest.Wait()
				if room := g.Room(); room != c.want {
					t.Errorf("Room: %+v, want %+v", room, c.want)
				}
				cancel()
				calls.Wait()
			})
		})
	}
}

// TestRetryAfterPausesAllCalls has one of ten calls under way answered with a wish to be left alone for seven seconds.
func TestRetryAfterPausesAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var began atomic.Int32
		g := newBench(api{get: func(_ context.Context, id string, _ ...nopayn.Field) (*nopayn.Order, error) {
			began.Add(1)
			if id == "limited" {
				pass(100 * time.Millisecond)
				return nil, tooMany(7 * time.Second)
			}
			pass(time.Second)
			return &nopayn.Order{}, nil
		}}, gateway.Config{RPS: 1000, Concurrency: 10, Timeout: time.Minute})
		var callers sync.WaitGroup
		for range 9 {
			callers.Go(func() { _ = g.ask(t) })
		}
		synctest.Wait()
		var waiting sync.WaitGroup
		callers.Go(func() { _, _ = g.Order(t.Context(), "limited") })
		synctest.Wait()
		for range 50 {
			waiting.Go(func() {
				if err := g.ask(t); closedFor(err) == 0 {
					t.Errorf("Order of a caller who waited for a place: %v, want a *ClosedError", err)
				}
			})
		}
		pass(100 * time.Millisecond)
		synctest.Wait()
		if err := g.ask(t); closedFor(err) != 7*time.Second {
			t.Errorf("Order: %v, want a *ClosedError for 7s", err)
		}
		if room := g.Room(); room != (gateway.Room{Wait: 7 * time.Second, Closed: true}) {
			t.Errorf("Room: %+v", room)
		}
		waiting.Wait()
		if began.Load() != 10 {
			t.Errorf("%d calls began, want the ten that found a place before the answer", began.Load())
		}
		pass(7*time.Second - 1)
		if err := g.ask(t); closedFor(err) != 1 {
			t.Errorf("Order just before the pause is over: %v", err)
		}
		pass(1)
		if err := g.ask(t); err != nil {
			t.Errorf("Order after the pause: %v", err)
		}
		callers.Wait()
	})
}

// TestRetryAfterStopsWhoWaitsForATurn, so that a slow budget sends nothing late.
func TestRetryAfterStopsWhoWaitsForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newBench(api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			pass(500 * time.Millisecond)
			return nil, tooMany(7 * time.Second)
		}}, gateway.Config{RPS: 1, Concurrency: 10, Timeout: time.Minute})
		var first sync.WaitGroup
		first.Go(func() { _ = g.ask(t) })
		synctest.Wait()
		if err := g.ask(t); closedFor(err) != 6500*time.Millisecond { // its turn is a second after the first
			t.Errorf("Order: %v, want a *ClosedError for 6.5s", err)
		}
		first.Wait()
	})
}

func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want time.Duration // of the pause
	}{
		{"of a 429", tooMany(time.Minute), time.Minute},
		{"of a 503", &nopayn.APIError{StatusCode: 503, RetryAfter: 3 * time.Second}, 3 * time.Second},
		{"of an hour is cut", tooMany(time.Hour), 5 * time.Minute},
		{"none", tooMany(0), 0},
		{"of an answer about one order", &nopayn.APIError{StatusCode: 404, RetryAfter: time.Minute}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newBench(answers(&c.err), wide())
				err := g.ask(t)
				if got := gateway.RetryAfter(err); c.want > 0 && got != c.want {
					t.Errorf("RetryAfter: %s, want %s", got, c.want)
				}
				if room := g.Room(); room.Wait != c.want {
					t.Errorf("Room: %+v, want to wait %s", room, c.want)
				}
			})
		})
	}
}

// TestRetryAfterIsNotCutShort by an answer that asks for less.
func TestRetryAfterIsNotCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pauses := map[string]time.Duration{"first": 20 * time.Second, "second": 2 * time.Second}
		g := newBench(api{get: func(_ context.Context, id string, _ ...nopayn.Field) (*nopayn.Order, error) {
			pass(pauses[id] / 10)
			return nil, tooMany(pauses[id])
		}}, wide())
		var calls sync.WaitGroup
		for id := range pauses {
			calls.Go(func() { _, _ = g.Order(t.Context(), id) })
		}
		calls.Wait()
		if room := g.Room(); room.Wait != 20*time.Second {
			t.Errorf("Room: %+v, want to wait 20s", room)
		}
	})
}
