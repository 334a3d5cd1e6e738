package gateway_test

import (
	"context"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

// TestRepeatsTakeTheirTurn has the connection of a read cut again and again. net/http then sends it once more by itself,
// on another connection, and each of these keeps to the rate like a call of its own.
func TestRepeatsTakeTheirTurn(t *testing.T) {
	for _, c := range []struct {
		name     string
		requests int
		timeout  time.Duration
		takes    time.Duration
		cut      bool // given up before its time
	}{
		{"sent once", 1, time.Minute, 0, false},
		{"sent three times", 3, time.Minute, 2 * time.Second, false},
		{"whose turn would come too late", 3, 1500 * time.Millisecond, time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newBench(api{get: func(ctx context.Context, _ string, _ ...nopayn.Field) (*nopayn.Order, error) {
					for range c.requests {
						httptrace.ContextClientTrace(ctx).GetConn("gateway:443")
						if ctx.Err() != nil {
							return nil, &nopayn.TransportError{Operation: "get_order", Err: ctx.Err()}
						}
					}
					return &nopayn.Order{}, nil
				}}, gateway.Config{RPS: 1, Concurrency: 1, Timeout: c.timeout})
				start := time.Now()
				if err := g.ask(t); (err != nil) != c.cut {
					t.Errorf("Order: %v", err)
				}
				if took := time.Since(start); took != c.takes {
					t.Errorf("it took %s, want %s", took, c.takes)
				}
			})
		})
	}
}
