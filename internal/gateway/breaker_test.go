package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

const openGauge = "webhookd_gateway_breaker_open"

// open makes a gateway fail five times in a row.
func open(t *testing.T, g bench) {
	t.Helper()
	for n := range 5 {
		if err := g.ask(t); err == nil || closedFor(err) > 0 {
			t.Fatalf("call %d to a failing gateway: %v", n+1, err)
		}
	}
	if err := g.ask(t); closedFor(err) != 5*time.Second {
		t.Fatalf("call 6: %v, want a *ClosedError for 5s", err)
	}
}

// TestBreaker opens it, and sends calls without end: only one in five seconds gets through, until one succeeds.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcome := error(err500)
		sent := 0
		g := newBench(api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			sent++
			return &nopayn.Order{}, outcome
		}}, wide())
		start := time.Now()
		open(t, g)
		if g.figure(t, openGauge) != 1 {
			t.Error("the gauge does not show that the breaker is open")
		}
		sent = 0
		for range 300 { // thirty seconds
			pass(100 * time.Millisecond)
			before := sent
			err := g.ask(t)
			if probe := time.Since(start)%(5*time.Second) == 0; (sent > before) != probe {
				t.Fatalf("after %s: %d calls were sent, and the error is %v", time.Since(start), sent-before, err)
			}
		}
		if sent != 6 {
			t.Errorf("%d probes in thirty seconds, want 6", sent)
		}
		outcome = nil
		pass(5 * time.Second)
		for n := range 10 {
			if err := g.ask(t); err != nil {
				t.Errorf("call %d to the gateway that is well again: %v", n+1, err)
			}
		}
		if g.figure(t, openGauge) != 0 {
			t.Error("the gauge does not show that the breaker is closed")
		}
	})
}

// TestFailuresInARow counts only those.
func TestFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outcome error
		g := newBench(answers(&outcome), wide())
		for n := range 40 {
			outcome = err500
			if n%5 == 4 {
				outcome = nil
			}
			if err := g.ask(t); closedFor(err) > 0 {
				t.Fatalf("the breaker opened at call %d, after four failures in a row", n+1)
			}
		}
	})
}

// TestVerdicts says which outcomes open the breaker, and which close it.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome error
		trouble bool
	}{
		{"no connection", errNoRoute, true},
		{"500", err500, true},
		{"503", &nopayn.APIError{StatusCode: 503}, true},
		{"429", tooMany(0), true},
		{"408", &nopayn.APIError{StatusCode: 408}, true},
		{"401: it will not have us", &nopayn.APIError{StatusCode: 401}, true},
		{"403: perhaps another key's order", &nopayn.APIError{StatusCode: 403}, false},
		{"404", err404, false},
		{"400", &nopayn.APIError{StatusCode: 400}, false},
		{"an error that came with a 200", &nopayn.APIError{StatusCode: 200}, false},
		{"an answer that cannot be read", &nopayn.ResponseError{Err: errors.New("no order")}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outcome := c.outcome
				g := newBench(answers(&outcome), wide())
				for range 20 {
					_ = g.ask(t)
				}
				if shut := closedFor(g.ask(t)) > 0; shut != c.trouble {
					t.Fatalf("after 20 of them the breaker is open: %t, want %t", shut, c.trouble)
				}
				if c.trouble {
					return
				}
				outcome = err500
				open(t, g)
				outcome = c.outcome
				pass(5 * time.Second)
				_ = g.ask(t)
				outcome = nil
				if err := g.ask(t); err != nil {
					t.Errorf("it did not close the breaker: %v", err)
				}
			})
		})
	}
}

// TestWhatSaysNothing neither opens nor closes the breaker: a caller who left, and a call that was never sent.
func TestWhatSaysNothing(t *testing.T) {
	nothing := map[string]func(*testing.T, bench){
		"a caller leaves": func(t *testing.T, g bench) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := g.Order(ctx, "hang"); !errors.Is(err, context.Canceled) {
				t.Errorf("Order: %v, want context.Canceled", err)
			}
		},
		"a caller's time is over": func(t *testing.T, g bench) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := g.Order(ctx, "hang"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Order: %v, want context.DeadlineExceeded", err)
			}
		},
		"a call that the client refuses": func(t *testing.T, g bench) {
			if _, err := g.Order(t.Context(), "bad"); !errors.Is(err, nopayn.ErrInvalidID) {
				t.Errorf("Order: %v, want ErrInvalidID", err)
			}
		},
		"a panic": func(t *testing.T, g bench) {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_, _ = g.Order(t.Context(), "panic")
		},
	}
	for name, happens := range nothing {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outcome := error(err500)
				well := answers(&outcome)
				g := newBench(api{get: func(ctx context.Context, id string, f ...nopayn.Field) (*nopayn.Order, error) {
					switch id {
					case "hang":
						return hangs().GetOrder(ctx, id)
					case "bad":
						return nil, nopayn.ErrInvalidID
					case "panic":
						panic("an order that breaks the client")
					}
					return well.GetOrder(ctx, id, f...)
				}}, gateway.Config{RPS: 1000, Concurrency: 2, Timeout: 10 * time.Second})
				for range 10 {
					happens(t, g)
				}
				for range 4 {
					_ = g.ask(t)
				}
				happens(t, g) // does not count as the fifth failure, nor as a success
				if err := g.ask(t); closedFor(err) > 0 {
					t.Fatalf("the breaker is open after four failures: %v", err)
				}
				pass(5 * time.Second)
				if room := g.Room(); room.Calls != 1 {
					t.Errorf("Room when a probe is due: %+v", room)
				}
				happens(t, g) // as the probe
				if room := g.Room(); room.Calls != 1 {
					t.Errorf("Room after a probe that said nothing: %+v, want another one", room)
				}
				if g.figure(t, openGauge) != 1 {
					t.Error("a probe that said nothing closed the breaker")
				}
				outcome = nil
				if err := g.ask(t); err != nil {
					t.Errorf("the next probe: %v", err)
				}
				if room := g.Room(); room.Calls != 2 {
					t.Errorf("Room of a gateway that is well: %+v", room)
				}
			})
		})
	}
}

// TestOneProbe sends fifty callers at the moment when a probe is due.
func TestOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Bool
		var sent atomic.Int32
		failing.Store(true)
		g := newBench(api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			sent.Add(1)
			if failing.Load() {
				return nil, err500
			}
			pass(3 * time.Second)
			return &nopayn.Order{}, nil
		}}, wide())
		open(t, g)
		failing.Store(false)
		sent.Store(0)
		pass(5 * time.Second)

		var callers sync.WaitGroup
		var refused atomic.Int32
		for range 50 {
			callers.Go(func() {
				if closedFor(g.ask(t)) == 200*time.Millisecond {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if sent.Load() != 1 || refused.Load() != 49 {
			t.Errorf("%d probes were sent and %d callers refused, want 1 and 49", sent.Load(), refused.Load())
		}
		if room := g.Room(); room != (gateway.Room{Wait: 200 * time.Millisecond, Closed: true}) {
			t.Errorf("Room while a probe is out: %+v", room)
		}
		callers.Wait()
		if room := g.Room(); room.Calls == 0 {
			t.Errorf("Room after the probe: %+v", room)
		}
	})
}

// TestOpenBreakerLetsNobodyQueue has callers wait for a place while the breaker opens: they do not wait on.
func TestOpenBreakerLetsNobodyQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newBench(api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			pass(time.Second)
			return nil, err500
		}}, gateway.Config{RPS: 1000, Concurrency: 5, Timeout: 10 * time.Second})
		start := time.Now()
		var callers sync.WaitGroup
		var refused atomic.Int32
		for range 100 {
			callers.Go(func() {
				if closedFor(g.ask(t)) == 0 {
					return
				}
				if took := time.Since(start); took != time.Second {
					t.Errorf("a caller was refused after %s, want 1s", took)
				}
				refused.Add(1)
			})
		}
		callers.Wait()
		// Of the five failures four found the breaker closed, so that up to four callers followed them.
		if refused.Load() < 100-5-4 {
			t.Errorf("%d callers were refused", refused.Load())
		}
	})
}

// TestLateOutcomes of calls that began before the breaker opened neither keep it open nor close it.
func TestLateOutcomes(t *testing.T) {
	for _, late := range []error{nil, err500} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var outcome error
				g := newBench(api{get: func(_ context.Context, id string, _ ...nopayn.Field) (*nopayn.Order, error) {
					if id == "late" {
						pass(6 * time.Second)
						return &nopayn.Order{}, late
					}
					return &nopayn.Order{}, outcome
				}}, wide())
				var calls sync.WaitGroup
				calls.Go(func() { _, _ = g.Order(t.Context(), "late") })
				synctest.Wait()
				outcome = err500
				open(t, g)
				calls.Wait() // a probe has been due for a second
				if room := g.Room(); room.Calls != 1 {
					t.Errorf("Room: %+v, want one probe", room)
				}
				outcome = nil
				if err := g.ask(t); err != nil {
					t.Errorf("the probe: %v", err)
				}
			})
		})
	}
}
