package poller_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// slowly is an answer that takes a second.
func slowly(o *nopayn.Order, err error) func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
	return func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
		pass(time.Second)
		return o, err
	}
}

// ages are what callers of a crowd bear, in turn.
func ages() []time.Duration { return []time.Duration{0, time.Second, 10 * time.Second} }

// crowd has fifty callers refresh one order at once, and gives their errors.
func (b *bench) crowd(ctx context.Context, id string) []error {
	errs := make([]error, 50)
	var callers sync.WaitGroup
	for i := range errs {
		callers.Go(func() { errs[i] = b.Refresh(ctx, id, ages()[i%len(ages())]) })
	}
	callers.Wait()
	return errs
}

// lookError is the failure of a look that err tells of.
func lookError(t *testing.T, err error) store.Failure {
	t.Helper()
	look, ok := errors.AsType[*store.LookError](err)
	if !ok {
		t.Errorf("Refresh: %v, want a LookError", err)
		return store.Failure{}
	}
	return look.Failure
}

// TestRefreshAtOnceIsOneQuestion has fifty callers, who bear different ages, share whatever comes of one question.
func TestRefreshAtOnceIsOneQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		isIt   func(error) bool
	}{
		"an order": {nil, func(err error) bool { return err == nil }},
		"none":     {refusal(404), func(err error) bool { return errors.Is(err, store.ErrNotFound) }},
		"a failure": {refusal(500), func(err error) bool {
			look, ok := errors.AsType[*store.LookError](err)
			return ok && look.Failure.Code == "gateway_error"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store.onApply = judged
				b.gateway.answer = slowly(&nopayn.Order{ID: "order", Status: nopayn.StatusNew}, c.answer)
				for _, err := range b.crowd(t.Context(), "order") {
					if !c.isIt(err) {
						t.Fatalf("one of the callers was told %v", err)
					}
				}
				kept := b.store.results()
				if b.gateway.calls() != 1 || len(kept) != 1 || kept[0].Claim.Cause != "refresh" {
					t.Errorf("%d questions, and kept is %+v; want one of a refresh", b.gateway.calls(), kept)
				}
				if b.free() != 20 {
					t.Errorf("%d places of 20 are free afterwards", b.free())
				}
			})
		})
	}
}

// judged is an Apply that gives the verdict of a store which never heard of the order before.
func judged(_ context.Context, r store.Result) (store.Outcome, error) {
	switch {
	case r.NotFound:
		return store.Outcome{Verdict: store.Dropped}, nil
	case r.Failure != nil:
		return store.Outcome{Verdict: store.Failed}, nil
	}
	return store.Outcome{Verdict: store.Changed}, nil
}

func TestRefreshByAge(t *testing.T) {
	for _, c := range []struct {
		name  string
		seen  time.Duration // how long ago; 0 is never
		bears time.Duration
		asks  int
	}{
		{"never seen", 0, time.Hour, 1},
		{"fresh enough", 5 * time.Second, 10 * time.Second, 0},
		{"too old", 15 * time.Second, 10 * time.Second, 1},
		{"now means now", time.Millisecond, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				if c.seen > 0 {
					b.store.set("order", check{checkedAt: time.Now().Add(-c.seen)})
				}
				if err := b.Refresh(t.Context(), "order", c.bears); err != nil || b.gateway.calls() != c.asks {
					t.Errorf("%v after %d questions, want %d", err, b.gateway.calls(), c.asks)
				}
			})
		})
	}
}

// TestRefreshBearsNoMoreThanItSays joins one who wants a fresh answer to a flight of one who is content with an old one.
func TestRefreshBearsNoMoreThanItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.store.set("order", check{checkedAt: time.Now().Add(-5 * time.Second)})
		b.store.onStanding = func() error {
			pass(time.Second)
			return nil
		}
		var callers sync.WaitGroup
		callers.Go(func() {
			if err := b.Refresh(t.Context(), "order", time.Minute); err != nil || b.gateway.calls() != 0 {
				t.Errorf("content with an old answer: %v after %d questions", err, b.gateway.calls())
			}
		})
		synctest.Wait() // it is on its way
		if err := b.Refresh(t.Context(), "order", time.Second); err != nil || b.gateway.calls() != 1 {
			t.Errorf("joined, wanting a fresh answer: %v after %d questions, want 1", err, b.gateway.calls())
		}
		callers.Wait()
	})
}

// TestRefreshIsNotCutShort has one caller give up: the others get their answer, from the same question.
func TestRefreshIsNotCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.answer = slowly(&nopayn.Order{ID: "order", Status: nopayn.StatusNew}, nil)
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var callers sync.WaitGroup
		callers.Go(func() {
			start := time.Now()
			if f := lookError(t, b.Refresh(hasty, "order", 0)); f.Code != store.CodeTimeout {
				t.Errorf("who gave up was told %v", f)
			}
			if took := time.Since(start); took != 100*time.Millisecond {
				t.Errorf("who gave up waited for %v", took)
			}
		})
		synctest.Wait()
		if err := b.Refresh(t.Context(), "order", 0); err != nil || b.gateway.calls() != 1 {
			t.Errorf("who stayed: %v after %d questions", err, b.gateway.calls())
		}
		callers.Wait()
	})
}

// TestRefreshFailures says what a caller is told of each way in which a look can fail.
func TestRefreshFailures(t *testing.T) {
	late := &nopayn.TransportError{Operation: "get_order", Err: context.DeadlineExceeded}
	for _, c := range []struct {
		name    string
		answer  error
		verdict store.Verdict
		want    store.Failure
	}{
		{"500", refusal(500), store.Failed, store.Failure{Code: "gateway_error", Phrase: "the gateway answered 500"}},
		{
			"no answer in time", late, store.Failed,
			store.Failure{Code: store.CodeTimeout, Phrase: "the gateway did not answer in time"},
		},
		{"429", &nopayn.APIError{StatusCode: 429, RetryAfter: 90 * time.Second}, store.Failed, store.Failure{
			Code: store.CodeRateLimited, Phrase: "the gateway asks us to slow down", RetryAfter: 90 * time.Second,
		}},
		{"closed just now", &gateway.ClosedError{After: time.Second}, store.Failed, store.Failure{
			Code: store.CodePaused, Phrase: "the gateway is left alone for now", RetryAfter: time.Second,
		}},
		{
			"403 for an id that nobody named", refusal(403), store.Dropped,
			store.Failure{Code: "gateway_forbidden", Phrase: "the gateway does not let our key see this order"},
		},
		{"an old copy", nil, store.Stale, store.Failure{
			Code: "gateway_stale", Phrase: "the gateway answered from an old copy",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
					return &nopayn.Order{ID: "order", Status: nopayn.StatusNew}, c.answer
				}
				b.store.onApply = func(context.Context, store.Result) (store.Outcome, error) {
					return store.Outcome{Verdict: c.verdict}, nil
				}
				f := lookError(t, b.Refresh(t.Context(), "order", 0))
				f.Refused = false
				if f != c.want || len(b.store.results()) != 1 {
					t.Errorf("told %+v, want %+v; %d results are kept, want 1", f, c.want, len(b.store.results()))
				}
			})
		})
	}
}

// TestRefreshTellsOfTheStore passes on what the store says, wherever it fails.
func TestRefreshTellsOfTheStore(t *testing.T) {
	broken := errors.New("broken")
	for name, breaks := range map[string]func(*memory){
		"before": func(m *memory) { m.onStanding = func() error { return broken } },
		"after": func(m *memory) {
			m.onApply = func(context.Context, store.Result) (store.Outcome, error) {
				return store.Outcome{}, fmt.Errorf("apply: %w", broken)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				breaks(b.store)
				if err := b.Refresh(t.Context(), "order", 0); !errors.Is(err, broken) {
					t.Errorf("Refresh: %v", err)
				}
				b.settle(t)
			})
		})
	}
}

// TestRefreshOfAClosedGateway says at once that nothing is asked, also where a look waits for the gateway to open.
func TestRefreshOfAClosedGateway(t *testing.T) {
	for name, leased := range map[string]time.Duration{"idle": 0, "a look is under way": 10 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store.set("order", check{leased: time.Now().Add(leased)})
				b.gateway.setRoom(gateway.Room{Wait: 3 * time.Second, Closed: true})
				start := time.Now()
				f := lookError(t, b.Refresh(t.Context(), "order", time.Second))
				if f.Code != store.CodePaused || f.RetryAfter != 3*time.Second || time.Since(start) > 0 {
					t.Errorf("told %+v after %v", f, time.Since(start))
				}
				if b.gateway.calls() != 0 || len(b.store.results()) != 0 {
					t.Errorf("%d questions, kept %v", b.gateway.calls(), b.store.results())
				}
			})
		})
	}
}

// TestRefreshOfALookElsewhere waits for a look of another replica, and looks itself if that one never ends.
func TestRefreshOfALookElsewhere(t *testing.T) {
	t.Run("it ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.store.set("order", check{leased: time.Now().Add(20 * time.Second)})
			time.AfterFunc(2*time.Second, func() { b.store.set("order", check{checkedAt: time.Now()}) })
			start := time.Now()
			if err := b.Refresh(t.Context(), "order", 0); err != nil || b.gateway.calls() != 0 {
				t.Errorf("%v after %d questions, want none", err, b.gateway.calls())
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	})
	t.Run("it died", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.store.set("order", check{leased: time.Now().Add(5 * time.Second)})
			if err := b.Refresh(t.Context(), "order", 0); err != nil || b.gateway.calls() != 1 {
				t.Errorf("%v after %d questions, want 1", err, b.gateway.calls())
			}
		})
	})
}

// TestRefreshWaitsForRoom stays within the budget: it waits for its turn.
func TestRefreshWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.setRoom(gateway.Room{Wait: time.Millisecond})
		time.AfterFunc(3*time.Second, func() { b.gateway.setRoom(gateway.Room{Calls: 1, Spare: 1}) })
		start := time.Now()
		if err := b.Refresh(t.Context(), "order", 0); err != nil || b.gateway.calls() != 1 {
			t.Errorf("%v after %d questions", err, b.gateway.calls())
		}
		if took := time.Since(start); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("it took %v, want the three seconds that there was no room", took)
		}
	})
}

// TestRefreshAndStop ends waits for a turn, and finishes the look in hand.
func TestRefreshAndStop(t *testing.T) {
	t.Run("waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(func(c *poller.Config) { c.Lease = time.Hour })
			b.gateway.setRoom(gateway.Room{Wait: time.Millisecond})
			stop := b.run(t)
			var callers sync.WaitGroup
			for _, id := range numbered(3) {
				callers.Go(func() {
					if f := lookError(t, b.Refresh(t.Context(), id, 0)); f.Code != store.CodePaused {
						t.Errorf("told %+v", f)
					}
				})
			}
			synctest.Wait()
			stop()
			callers.Wait()
		})
	})
	t.Run("asking", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.gateway.answer = slowly(&nopayn.Order{ID: "order", Status: nopayn.StatusNew}, nil)
			stop := b.run(t)
			synctest.Wait() // its first round holds all the room for a moment
			told := make(chan error, 1)
			go func() { told <- b.Refresh(t.Context(), "order", 0) }()
			synctest.Wait()
			if took := stop(); took != time.Second || len(b.store.results()) != 1 {
				t.Errorf("stopped after %v with %d results, want 1 after a second", took, len(b.store.results()))
			}
			if err := <-told; err != nil {
				t.Errorf("Refresh: %v", err)
			}
		})
	})
}
