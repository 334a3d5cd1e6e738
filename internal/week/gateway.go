package week

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"webhookd/internal/nopayn"
)

const (
	// latency is that of the gateway's API.
	latency = 150 * time.Millisecond
	// maxList is the length of an answer that the client reads at most, and listed about that of an order in it.
	maxList = 64 << 20
	listed  = 2 << 10
)

var errPlayed = errors.New("not played")

// GetOrder answers as the gateway would, through the client.
func (w *world) GetOrder(ctx context.Context, id string, fields ...nopayn.Field) (*nopayn.Order, error) {
	const operation = "get_order"
	w.called(func(c *Calls) {
		if len(fields) > 0 {
			c.Amounts++
		}
	})
	if err := w.answer(ctx, operation); err != nil {
		return nil, err
	}
	w.mu.Lock()
	var doc []byte
	if o, known := w.orders[id]; known {
		doc = o.document(slices.Contains(fields, nopayn.FieldAmountDetails))
	}
	w.mu.Unlock()
	if doc == nil {
		return nil, &nopayn.APIError{Operation: operation, StatusCode: http.StatusNotFound, NotDone: true}
	}
	return nopayn.ParseOrder(doc)
}

// ListOrders gives the orders by their ids and marks, which is all that is read of them.
func (w *world) ListOrders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error) {
	const operation = "list_orders"
	w.called(func(c *Calls) { c.Lists++ })
	if err := w.answer(ctx, operation); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	byCreation := func(o *order, t time.Time) int { return o.created.Compare(t) }
	from, _ := slices.BinarySearchFunc(w.list, since, byCreation)
	to, _ := slices.BinarySearchFunc(w.list, until.Add(1), byCreation)
	if (to-from)*listed > maxList {
		w.hour.TooLong++
		return nil, &nopayn.ResponseError{Operation: operation, Err: nopayn.ErrTooLong, NotDone: true}
	}
	w.hour.Listed += to - from
	orders := make([]nopayn.Order, 0, to-from)
	for _, o := range w.list[from:to] {
		orders = append(orders, nopayn.Order{ID: o.id, Modified: o.modified})
	}
	return orders, nil
}

// called counts a call.
func (w *world) called(count func(*Calls)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hour.Calls.All++
	count(&w.hour.Calls)
}

// answer takes its time, and fails while the gateway does.
func (w *world) answer(ctx context.Context, operation string) error {
	if err := sleep(ctx, latency); err != nil {
		return &nopayn.TransportError{Operation: operation, Err: err}
	}
	if w.options.Outage.holds(time.Since(w.begin)) {
		return &nopayn.APIError{Operation: operation, StatusCode: http.StatusServiceUnavailable, NotDone: true}
	}
	return nil
}

// CreateOrder is not played.
func (w *world) CreateOrder(context.Context, nopayn.NewOrder) (*nopayn.Order, error) {
	return nil, errPlayed
}

// CreateRefund is not played.
func (w *world) CreateRefund(context.Context, string, nopayn.NewRefund) (*nopayn.Refund, error) {
	return nil, errPlayed
}

// Capture is not played.
func (w *world) Capture(context.Context, string, string, nopayn.Movement) (*nopayn.Moved, error) {
	return nil, errPlayed
}

// Void is not played.
func (w *world) Void(context.Context, string, string, nopayn.Movement) (*nopayn.Moved, error) {
	return nil, errPlayed
}
