package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The outcomes of calls as the client gives them.
var (
	err404     = &nopayn.APIError{Operation: "get_order", StatusCode: 404}
	err500     = &nopayn.APIError{Operation: "get_order", StatusCode: 500}
	errNoRoute = &nopayn.TransportError{Operation: "get_order", Err: errors.New("no route to host")}
)

// tooMany is a 429 that asks for a pause.
func tooMany(after time.Duration) error {
	return &nopayn.APIError{Operation: "get_order", StatusCode: 429, RetryAfter: after}
}

// api is the client, answering as the test says.
type api struct {
	get    func(ctx context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error)
	list   func(ctx context.Context, since, until time.Time) ([]nopayn.Order, error)
	change func(ctx context.Context, what string) error
}

func (a api) GetOrder(ctx context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error) {
	return a.get(ctx, id, fields...)
}

func (a api) ListOrders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error) {
	return a.list(ctx, since, until)
}

func (a api) CreateOrder(ctx context.Context, o nopayn.NewOrder) (*nopayn.Order, error) {
	return &nopayn.Order{ID: "made"}, a.change(ctx, "create "+o.Currency)
}

func (a api) CreateRefund(ctx context.Context, orderID string, _ nopayn.NewRefund) (*nopayn.Refund, error) {
	return &nopayn.Refund{ID: "refund"}, a.change(ctx, "refund "+orderID)
}

func (a api) Capture(ctx context.Context, orderID, transactionID string, _ nopayn.Movement) (*nopayn.Moved, error) {
	return &nopayn.Moved{}, a.change(ctx, "capture "+orderID+" "+transactionID)
}

func (a api) Void(ctx context.Context, orderID, transactionID string, _ nopayn.Movement) (*nopayn.Moved, error) {
	return &nopayn.Moved{}, a.change(ctx, "void "+orderID+" "+transactionID)
}

// answers is a client that gives each call for an order the same outcome.
func answers(outcome *error) api {
	return api{get: func(context.Context, string, ...nopayn.Field) (*nopayn.Order, error) {
		if *outcome != nil {
			return nil, *outcome
		}
		return &nopayn.Order{}, nil
	}}
}

// hangs is a client that answers when ctx ends, as the real one does.
func hangs() api {
	return api{get: func(ctx context.Context, _ string, _ ...nopayn.Field) (*nopayn.Order, error) {
		<-ctx.Done()
		return nil, &nopayn.TransportError{Operation: "get_order", Err: ctx.Err()}
	}}
}

// wide is a budget that bounds nothing in these tests.
func wide() gateway.Config {
	return gateway.Config{RPS: 10_000, Concurrency: 1000, Timeout: 10 * time.Second}
}

// bench is a gateway with its figures.
type bench struct {
	*gateway.Gateway
	reg *prometheus.Registry
}

func newBench(a gateway.API, c gateway.Config) bench {
	reg := prometheus.NewRegistry()
	return bench{gateway.New(a, c, slog.New(slog.DiscardHandler), reg), reg}
}

// ask makes one call and returns its error.
func (b bench) ask(t *testing.T) error {
	t.Helper()
	_, err := b.Order(t.Context(), "order")
	return err
}

// figure reads a counter, a gauge or the count of a histogram; labels are name and value in turn.
func (b bench) figure(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	families, err := b.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			matches := len(m.GetLabel()) == len(labels)/2
			for i, l := range m.GetLabel() {
				matches = matches && l.GetName() == labels[2*i] && l.GetValue() == labels[2*i+1]
			}
			if matches {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

// pass lets fake time pass.
func pass(d time.Duration) { <-time.After(d) }

// closedFor is how long a *ClosedError asks to wait; 0 if err is none.
func closedFor(err error) time.Duration {
	if closed, ok := errors.AsType[*gateway.ClosedError](err); ok {
		return closed.After
	}
	return 0
}
