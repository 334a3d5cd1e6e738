package poller_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// TestAnswers says what is stored of each way in which a question to the gateway can end, and that nothing of the
// gateway's own words goes anywhere.
func TestAnswers(t *testing.T) {
	late := &nopayn.TransportError{Operation: "get_order", Err: context.DeadlineExceeded}
	pausing := &nopayn.APIError{StatusCode: 429, RetryAfter: 90 * time.Second, Message: gatewayText}
	for _, c := range []struct {
		name string
		err  error
		want store.Result
	}{
		{"404", refusal(404), store.Result{NotFound: true}},
		{"no connection", errNoRoute, failed("gateway_unreachable", "the gateway cannot be reached", 0)},
		{"no answer in time", late, failed("gateway_timeout", "the gateway did not answer in time", 0)},
		{"500", refusal(500), failed("gateway_error", "the gateway answered 500", 0)},
		{"400", refusal(400), refusedAlone("gateway_error", "the gateway answered 400")},
		{"an error under a 200", refusal(200), refusedAlone("gateway_error", "the gateway answered 200")},
		{"401", refusal(401), failed("gateway_unauthorized", "the gateway refuses our key", 0)},
		{"403", refusal(403), refusedAlone("gateway_forbidden", "the gateway does not let our key see this order")},
		{"429", pausing, failed("gateway_rate_limited", "the gateway asks us to slow down", 90*time.Second)},
		{"unreadable", errUnreadable, failed("gateway_unreadable", "the gateway's answer cannot be read", 0)},
		{"a fault of ours", errors.New("odd"), failed("internal_error", "the look failed by a fault of ours", 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
					return nil, fmt.Errorf("get_order: %w", c.err)
				}
				b.look(t, "order")
				kept := b.store.results()
				if len(kept) != 1 {
					t.Fatalf("%d results", len(kept))
				}
				got := kept[0]
				if got.Order != nil || got.NotFound != c.want.NotFound || (got.Failure == nil) != (c.want.Failure == nil) {
					t.Fatalf("result %+v", got)
				}
				if c.want.Failure != nil && *got.Failure != *c.want.Failure {
					t.Errorf("failure %+v, want %+v", *got.Failure, *c.want.Failure)
				}
				if strings.Contains(b.logs.String(), gatewayText) {
					t.Errorf("the log quotes the gateway:\n%s", b.logs)
				}
				if b.gateway.calls() != 1 {
					t.Errorf("%d questions, want 1: whoever retries is the schedule", b.gateway.calls())
				}
			})
		})
	}
}

func failed(code, phrase string, after time.Duration) store.Result {
	return store.Result{Failure: &store.Failure{Code: code, Phrase: phrase, RetryAfter: after}}
}

// refusedAlone is a failure of one order, at a gateway that is well.
func refusedAlone(code, phrase string) store.Result {
	r := failed(code, phrase, 0)
	r.Failure.Refused = true
	return r
}

// TestAmountDetails asks a second time where the rules need it. What the gateway refuses to add must not hide what it
// has said; what it fails to say is asked for again.
func TestAmountDetails(t *testing.T) {
	captured := &nopayn.Order{ID: "order", Status: nopayn.StatusCompleted, Flags: []string{"has-captures"}}
	detailed := &nopayn.Order{ID: "order", Status: nopayn.StatusCompleted, AmountDetails: &nopayn.AmountDetails{}}
	for _, c := range []struct {
		name   string
		second error
		want   *nopayn.Order
		code   string // of the failure
	}{
		{"given", nil, detailed, ""},
		{"400", refusal(400), captured, ""},
		{"403", refusal(403), captured, ""},
		{"404", refusal(404), captured, ""},
		{"unreadable", errUnreadable, captured, ""},
		{"500", refusal(500), nil, "gateway_error"},
		{"401", refusal(401), nil, "gateway_unauthorized"},
		{"429", refusal(429), nil, "gateway_rate_limited"},
		{"no connection", errNoRoute, nil, "gateway_unreachable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.gateway.answer = func(_ context.Context, _ string, f ...nopayn.Field) (*nopayn.Order, error) {
					switch {
					case len(f) == 0:
						return captured, nil
					case c.second != nil:
						return nil, c.second
					}
					return detailed, nil
				}
				b.look(t, "order")
				got := b.store.results()[0]
				if got.Order != c.want || b.gateway.calls() != 2 {
					t.Errorf("stored %+v after %d questions, want %+v after 2", got.Order, b.gateway.calls(), c.want)
				}
				if code := failureCode(got); code != c.code {
					t.Errorf("failure %q, want %q", code, c.code)
				}
				if c.code == "" && b.logs.said("level=ERROR") > 0 {
					t.Errorf("the log cries:\n%s", b.logs)
				}
			})
		})
	}
}

func failureCode(r store.Result) string {
	if r.Failure == nil {
		return ""
	}
	return r.Failure.Code
}

// TestPanicIsOneOrdersMatter: the process goes on, the order stays due, and the log does not quote what panicked.
func TestPanicIsOneOrdersMatter(t *testing.T) {
	t.Run("in the client", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.gateway.answer = func(_ context.Context, id string, _ ...nopayn.Field) (*nopayn.Order, error) {
				if id == "bad" {
					panic(errors.New(gatewayText))
				}
				return &nopayn.Order{}, nil
			}
			b.store.makeDue("good-1", "bad", "good-2")
			b.Round(t.Context())
			b.settle(t)
			var bad store.Result
			for _, r := range b.store.results() {
				if r.Claim.OrderID == "bad" {
					bad = r
				}
			}
			if len(b.store.results()) != 3 || failureCode(bad) != "internal_error" {
				t.Errorf("results %+v", b.store.results())
			}
			if b.logs.said("msg=panic order_id=bad") != 1 || b.logs.said(gatewayText) != 0 {
				t.Errorf("log:\n%s", b.logs)
			}
		})
	})
	t.Run("in the rules", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) { return nil, nil }
			b.look(t, "order")
			if code := failureCode(b.store.results()[0]); code != "internal_error" {
				t.Errorf("failure %q", code)
			}
			if b.logs.said("nil pointer") != 1 {
				t.Errorf("log:\n%s", b.logs)
			}
		})
	})
	t.Run("in the store", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench()
			b.store.onApply = func(context.Context, store.Result) (store.Outcome, error) { panic("bad row") }
			b.look(t, "order")
			if n := b.figure(t, "webhookd_checks_total", "result", "unstored", "source", "webhook"); n != 1 {
				t.Errorf("%g looks count as not stored, want 1", n)
			}
		})
	})
}

// TestAnswerCannotBeStored leaves the order to the end of its lease, within a bound.
func TestAnswerCannotBeStored(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(context.Context) error
		took time.Duration
	}{
		{"the database refuses", func(context.Context) error { return errors.New("no database") }, 0},
		{"the database hangs", frozen, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.store.onApply = func(ctx context.Context, _ store.Result) (store.Outcome, error) {
					return store.Outcome{}, c.end(ctx)
				}
				start := time.Now()
				b.look(t, "order")
				if took := time.Since(start).Truncate(time.Second); took != c.took {
					t.Errorf("the look took %s, want %s", took, c.took)
				}
				if n := b.figure(t, "webhookd_checks_total", "result", "unstored", "source", "webhook"); n != 1 {
					t.Errorf("%g looks count as not stored, want 1", n)
				}
				if b.logs.said("cannot store an answer") != 1 {
					t.Errorf("log:\n%s", b.logs)
				}
			})
		})
	}
}

// TestClosedGateway has a claimed order meet a gateway that takes no calls: the look waits, and asks when it may.
func TestClosedGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		start := time.Now()
		var asked []time.Duration
		b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			asked = append(asked, time.Since(start))
			switch len(asked) {
			case 1:
				return nil, fmt.Errorf("get_order: %w", &gateway.ClosedError{After: 5 * time.Second})
			case 2:
				return nil, fmt.Errorf("get_order: %w", &gateway.ClosedError{After: 200 * time.Millisecond})
			}
			return &nopayn.Order{}, nil
		}
		b.look(t, "order")
		if fmt.Sprint(asked) != "[0s 5s 5.2s]" {
			t.Errorf("asked after %v, want 0s, 5s and 5.2s", asked)
		}
		if kept := b.store.results(); len(kept) != 1 || kept[0].Order == nil {
			t.Errorf("results %+v, want the answer and no failure", kept)
		}
	})
}

// TestNothingSentNothingStored: a look that could not ask anything within its lease counts as no failure.
func TestNothingSentNothingStored(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		took time.Duration
	}{
		{"closed for long", &gateway.ClosedError{After: time.Minute}, 20 * time.Second},
		{"closed again and again", &gateway.ClosedError{After: 3 * time.Second}, 20 * time.Second},
		{"no turn", gateway.ErrBusy, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
					return nil, fmt.Errorf("get_order: %w", c.err)
				}
				start := time.Now()
				b.look(t, "order")
				if took := time.Since(start).Truncate(time.Second); took != c.took {
					t.Errorf("the look took %s, want %s", took, c.took)
				}
				if kept := b.store.results(); len(kept) != 0 {
					t.Errorf("results %+v, want none", kept)
				}
				if n := b.figure(t, "webhookd_checks_total", "result", "unsent", "source", "webhook"); n != 1 {
					t.Errorf("%g looks count as not sent, want 1", n)
				}
				if text := b.logs.String(); text != "" {
					t.Errorf("log:\n%s", text)
				}
			})
		})
	}
}

// TestStopEndsTheWaitForAClosedGateway, since nothing can be lost by it.
func TestStopEndsTheWaitForAClosedGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			return nil, &gateway.ClosedError{After: 10 * time.Second}
		}
		b.store.makeDue(numbered(5)...)
		stop := b.run(t)
		pass(time.Second)
		if took := stop(); took != 0 {
			t.Errorf("Run returned after %s", took)
		}
		if kept := b.store.results(); len(kept) != 0 {
			t.Errorf("results %+v, want none", kept)
		}
	})
}

// TestLookEndsWithItsLease, when somebody else may look.
func TestLookEndsWithItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.gateway.answer = func(ctx context.Context, _ string, _ ...nopayn.Field) (*nopayn.Order, error) {
			<-ctx.Done()
			return nil, &nopayn.TransportError{Err: ctx.Err()}
		}
		start := time.Now()
		b.look(t, "order")
		if took := time.Since(start).Truncate(time.Second); took != 20*time.Second {
			t.Errorf("the look took %s, want 20s", took)
		}
		if code := failureCode(b.store.results()[0]); code != "gateway_timeout" {
			t.Errorf("failure %q", code)
		}
	})
}

// TestKeyIsRefused is said once, until the gateway answers us again.
func TestKeyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		var outcome error
		b.gateway.answer = func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
			return &nopayn.Order{}, outcome
		}
		for _, step := range []struct {
			outcome         error
			refused, better int // lines so far
		}{
			{refusal(401), 1, 0},
			{refusal(401), 1, 0},
			{errNoRoute, 1, 0},
			{refusal(500), 1, 0},
			{nil, 1, 1},
			{nil, 1, 1},
			{refusal(401), 2, 1},
			{refusal(404), 2, 2},
			{refusal(403), 2, 2}, // one order that belongs to another key
			{nil, 2, 2},
			{refusal(403), 2, 2},
		} {
			outcome = step.outcome
			b.look(t, "order")
			refused, better := b.logs.said("refuses our key: check NOPAYN_API_KEY"), b.logs.said("accepts our key again")
			if refused != step.refused || better != step.better {
				t.Errorf("after %v the log has said %d times that the key is refused and %d times that it is accepted, "+
					"want %d and %d", step.outcome, refused, better, step.refused, step.better)
			}
		}
		if n := b.logs.said("forbids us an order"); n != 1 {
			t.Errorf("the log says %d times that an order is forbidden, want once for all", n)
		}
	})
}
