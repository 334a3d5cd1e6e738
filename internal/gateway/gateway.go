// Package gateway makes every call of one replica to the payment gateway, within one budget: a rate, a number of
// calls at a time, a breaker, and whatever the gateway itself asks for by Retry-After. Whoever needs the gateway
// gets it from here, so that the budget holds however many webhooks arrive, forged or not.
package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/nopayn"
)

// API is the part of the gateway's client that is called here; *nopayn.Client has it.
type API interface {
	GetOrder(ctx context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error)
	ListOrders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error)
	CreateOrder(ctx context.Context, o nopayn.NewOrder) (*nopayn.Order, error)
	CreateRefund(ctx context.Context, orderID string, r nopayn.NewRefund) (*nopayn.Refund, error)
	Capture(ctx context.Context, orderID, transactionID string, m nopayn.Movement) (*nopayn.Moved, error)
	Void(ctx context.Context, orderID, transactionID string, m nopayn.Movement) (*nopayn.Moved, error)
}

// Config bounds the calls.
type Config struct {
	RPS         float64       // calls that begin within any second, greater than 0; 0.5 is one in two seconds
	Concurrency int           // calls at a time, at least 1
	Timeout     time.Duration // of one call, from sending to the last byte
}

// Gateway calls the API within the budget. Use New.
type Gateway struct {
	api     API
	timeout time.Duration
	budget  *budget
	metrics *metrics
}

// New returns a gateway on api, whose figures are registered with reg.
func New(api API, c Config, log *slog.Logger, reg prometheus.Registerer) *Gateway {
	m := newMetrics(reg)
	return &Gateway{api: api, timeout: c.Timeout, budget: newBudget(c, log, m.open), metrics: m}
}

// Answer is an order and when the request for it left, by this machine's monotonic clock.
type Answer struct {
	Order *nopayn.Order
	Sent  time.Time
}

// Order reads one order. Its errors are those of the client, and *ClosedError or ErrBusy when nothing was sent.
func (g *Gateway) Order(ctx context.Context, id string, fields ...nopayn.Field) (Answer, error) {
	return call(ctx, g, "get_order", func(ctx context.Context) (Answer, error) {
		sent := time.Now()
		o, err := g.api.GetOrder(ctx, id, fields...)
		return Answer{Order: o, Sent: sent}, err
	})
}

// Orders lists the orders created from since to until. Its errors are those of Order; orders that could be read are
// returned beside an error about others.
func (g *Gateway) Orders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error) {
	return call(ctx, g, "list_orders", func(ctx context.Context) ([]nopayn.Order, error) {
		return g.api.ListOrders(ctx, since, until)
	})
}

// CreateOrder makes an order. Like all that changes something, it is carried through once its turn has come, whether or
// not ctx ends: an answer that nobody waited for would leave open what happened. Its errors are those of Order;
// [NotDone] tells which of them mean that there is no order.
func (g *Gateway) CreateOrder(ctx context.Context, o nopayn.NewOrder) (*nopayn.Order, error) {
	return change(ctx, g, "create_order", func(ctx context.Context) (*nopayn.Order, error) {
		return g.api.CreateOrder(ctx, o)
	})
}

// CreateRefund refunds an order, as CreateOrder makes one.
func (g *Gateway) CreateRefund(ctx context.Context, orderID string, r nopayn.NewRefund) (*nopayn.Refund, error) {
	return change(ctx, g, "create_refund", func(ctx context.Context) (*nopayn.Refund, error) {
		return g.api.CreateRefund(ctx, orderID, r)
	})
}

// Capture takes reserved money, as CreateOrder makes an order.
func (g *Gateway) Capture(
	ctx context.Context, orderID, transactionID string, m nopayn.Movement,
) (*nopayn.Moved, error) {
	return change(ctx, g, "capture", func(ctx context.Context) (*nopayn.Moved, error) {
		return g.api.Capture(ctx, orderID, transactionID, m)
	})
}

// Void lets reserved money go, as CreateOrder makes an order.
func (g *Gateway) Void(
	ctx context.Context, orderID, transactionID string, m nopayn.Movement,
) (*nopayn.Moved, error) {
	return change(ctx, g, "void", func(ctx context.Context) (*nopayn.Moved, error) {
		return g.api.Void(ctx, orderID, transactionID, m)
	})
}

// Room says how much could be sent right now; see [Room].
func (g *Gateway) Room() Room {
	return g.budget.room()
}

// call makes one call: it waits for its turn, bounds it, and lets the budget and the figures learn from the outcome,
// be it a panic.
func call[T any](
	ctx context.Context, g *Gateway, operation string, f func(context.Context) (T, error),
) (out T, err error) {
	leave, err := g.budget.enter(ctx)
	if err != nil {
		return out, fmt.Errorf("%s: %w", operation, err)
	}
	bounded, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	start := time.Now()
	err = errPanic // unless f returns
	defer func() {
		leave(err)
		g.metrics.observe(operation, err, time.Since(start))
	}()
	return f(g.budget.repeats(bounded, cancel))
}

// change makes a call that changes something: ctx bounds the wait for its turn alone. A process that was frozen may come
// to its turn when ctx is long over and no timer has said so yet; then nothing is sent.
func change[T any](
	ctx context.Context, g *Gateway, operation string, f func(context.Context) (T, error),
) (T, error) {
	return call(ctx, g, operation, func(ctx context.Context) (T, error) {
		if end, bounded := ctx.Deadline(); bounded && !time.Now().Before(end) {
			var none T
			return none, fmt.Errorf("%w: %w", ErrBusy, context.DeadlineExceeded)
		}
		whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		return f(whole)
	})
}
