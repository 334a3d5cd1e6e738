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

// TestOrder passes on what it is asked, and says when the request left: after the wait for a turn.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doc := &nopayn.Order{ID: "an-order"}
		g := newBench(api{get: func(_ context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error) {
			if id != "an-order" || len(fields) != 1 || fields[0] != nopayn.FieldAmountDetails {
				t.Errorf("GetOrder(%q, %v)", id, fields)
			}
			pass(300 * time.Millisecond)
			return doc, nil
		}}, gateway.Config{RPS: 1, Concurrency: 1, Timeout: time.Second})
		start := time.Now()
		for n := range 3 {
			a, err := g.Order(t.Context(), "an-order", nopayn.FieldAmountDetails)
			if sent := a.Sent.Sub(start); err != nil || a.Order != doc || sent != time.Duration(n)*time.Second {
				t.Errorf("call %d: %v, order %v, sent after %s", n, err, a.Order, sent)
			}
		}
	})
}

// TestOrders gives what could be read beside the error about the rest.
func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		since := time.Now()
		until := since.Add(time.Hour)
		unreadable := &nopayn.ResponseError{Operation: "list_orders", Err: errors.New("1 of 3 entries")}
		g := newBench(api{list: func(_ context.Context, s, u time.Time) ([]nopayn.Order, error) {
			if !s.Equal(since) || !u.Equal(until) {
				t.Errorf("ListOrders(%s, %s)", s, u)
			}
			return make([]nopayn.Order, 2), unreadable
		}}, wide())
		orders, err := g.Orders(t.Context(), since, until)
		if len(orders) != 2 || !errors.Is(err, unreadable) {
			t.Errorf("Orders: %d orders, %v", len(orders), err)
		}
	})
}

// TestTimeout bounds a call from the moment it is sent: waiting for a turn is not the gateway's fault.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newBench(hangs(), gateway.Config{RPS: 0.1, Concurrency: 4, Timeout: 2 * time.Second})
		start := time.Now()
		for n, want := range []time.Duration{2 * time.Second, 12 * time.Second} {
			err := g.ask(t)
			if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != want {
				t.Errorf("call %d: %v after %s, want its time to be over after %s", n, err, took, want)
			}
		}
	})
}

// TestPanicLeavesNoTrace in the budget: the place is free again.
func TestPanicLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newBench(api{get: func(_ context.Context, id string, _ ...nopayn.Field) (*nopayn.Order, error) {
			if id == "bad" {
				panic(id)
			}
			return &nopayn.Order{}, nil
		}}, gateway.Config{RPS: 100, Concurrency: 1, Timeout: time.Second})
		for range 3 {
			func() {
				defer func() { _ = recover() }()
				_, _ = g.Order(t.Context(), "bad")
			}()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.Order(ctx, "good"); err != nil {
			t.Errorf("Order after three panics: %v", err)
		}
	})
}

func TestMetrics(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome error
		code    string
	}{
		{"an answer", nil, "200"},
		{"a refusal", err404, "404"},
		{"a failure", err500, "500"},
		{"no connection", errNoRoute, "network"},
		{"no answer in time", &nopayn.TransportError{Err: context.DeadlineExceeded}, "timeout"},
		{"a caller who left", &nopayn.TransportError{Err: context.Canceled}, "given_up"},
		{"an unreadable answer", &nopayn.ResponseError{Err: errors.New("no JSON")}, "unreadable"},
		{"a call that was not sent", nopayn.ErrInvalidID, "failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newBench(answers(&c.outcome), wide())
				_, err := g.Order(t.Context(), "order")
				if !errors.Is(err, c.outcome) {
					t.Errorf("Order: %v, want %v", err, c.outcome)
				}
				if n := g.figure(t, "webhookd_gateway_requests_total", "code", c.code, "operation", "get_order"); n != 1 {
					t.Errorf("%g requests with code %s, want 1", n, c.code)
				}
				if n := g.figure(t, "webhookd_gateway_request_seconds", "operation", "get_order"); n != 1 {
					t.Errorf("%g requests were timed, want 1", n)
				}
			})
		})
	}
}
