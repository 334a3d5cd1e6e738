package gateway_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

// changes are the calls that change something, by what the client is asked to do.
func changes() map[string]func(context.Context, bench) error {
	return map[string]func(context.Context, bench) error{
		"create EUR": func(ctx context.Context, g bench) error {
			_, err := g.CreateOrder(ctx, nopayn.NewOrder{Currency: "EUR"})
			return err
		},
		"refund order": func(ctx context.Context, g bench) error {
			_, err := g.CreateRefund(ctx, "order", nopayn.NewRefund{})
			return err
		},
		"capture order attempt": func(ctx context.Context, g bench) error {
			_, err := g.Capture(ctx, "order", "attempt", nopayn.Movement{})
			return err
		},
		"void order attempt": func(ctx context.Context, g bench) error {
			_, err := g.Void(ctx, "order", "attempt", nopayn.Movement{})
			return err
		},
	}
}

// TestChangesAreCarriedThrough when their caller leaves after they have begun, and not begun when he leaves before.
func TestChangesAreCarriedThrough(t *testing.T) {
	for want, change := range changes() {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				g := newBench(api{change: func(ctx context.Context, what string) error {
					asked = append(asked, what)
					select {
					case <-ctx.Done():
						return &nopayn.TransportError{Operation: what, Err: ctx.Err()}
					case <-time.After(3 * time.Second):
						return nil
					}
				}}, gateway.Config{RPS: 1000, Concurrency: 1, Timeout: 10 * time.Second})
				ctx, leave := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, leave)
				if err := change(ctx, g); err != nil {
					t.Errorf("the caller left while it was under way: %v", err)
				}
				if err := change(ctx, g); !errors.Is(err, gateway.ErrBusy) || !gateway.NotDone(err) {
					t.Errorf("the caller left before it began: %v, want ErrBusy", err)
				}
				if len(asked) != 1 || asked[0] != want {
					t.Errorf("the client was asked %q, want %q once", asked, want)
				}
			})
		})
	}
}

// TestChangesAreBounded by the time of a call, and then nobody knows whether they happened.
func TestChangesAreBounded(t *testing.T) {
	for what, change := range changes() {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newBench(api{change: func(ctx context.Context, what string) error {
					<-ctx.Done()
					return &nopayn.TransportError{Operation: what, Err: ctx.Err()}
				}}, gateway.Config{RPS: 1000, Concurrency: 1, Timeout: 10 * time.Second})
				start := time.Now()
				err := change(t.Context(), g)
				if took := time.Since(start); err == nil || took != 10*time.Second {
					t.Errorf("%v after %s, want an error after 10s", err, took)
				}
				if gateway.NotDone(err) {
					t.Errorf("%v counts as not done", err)
				}
			})
		})
	}
}

// TestClosedIsNotDone says of the breaker's answer that nothing was sent.
func TestClosedIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcome := error(err500)
		g := newBench(answers(&outcome), wide())
		open(t, g)
		_, err := g.CreateRefund(t.Context(), "order", nopayn.NewRefund{})
		if closedFor(err) == 0 || !gateway.NotDone(err) {
			t.Errorf("a refund while the breaker is open: %v", err)
		}
		if gateway.NotDone(&nopayn.APIError{StatusCode: 500}) || gateway.NotDone(errors.New("who knows")) {
			t.Error("what may have been done counts as not done")
		}
	})
}

// thawed is the ctx of a process that is frozen after it has asked so many times for the deadline: from then on that is
// past, and no timer has said so yet.
type thawed struct {
	context.Context
	asked, frozenAfter int
}

func (c *thawed) Deadline() (time.Time, bool) {
	if c.asked++; c.asked > c.frozenAfter {
		return time.Now().Add(-time.Hour), true
	}
	return time.Now().Add(time.Hour), true
}

// TestAFrozenProcessSendsNothing when it goes on after its time, wherever it was frozen on the way to the client.
func TestAFrozenProcessSendsNothing(t *testing.T) {
	for n := range 10 {
		sent := false
		g := newBench(api{change: func(context.Context, string) error {
			sent = true
			return nil
		}}, wide())
		ctx := &thawed{Context: t.Context(), frozenAfter: n}
		_, err := g.Capture(ctx, "order", "attempt", nopayn.Movement{})
		if frozen := ctx.asked > n; sent == frozen || (err == nil) == frozen || frozen && !gateway.NotDone(err) {
			t.Errorf("frozen after %d looks at the clock: sent %t, %v", n, sent, err)
		}
	}
}
