package week

import (
	"context"
	"time"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// recorder is the store, as the poller has it, and takes notes.
type recorder struct {
	*store.Store
	world *world
	gauge int

	asked   int
	backlog store.Backlog
}

// Apply stores, and notes who asked for the look and what it found.
func (r *recorder) Apply(ctx context.Context, result store.Result) (store.Outcome, error) {
	outcome, err := r.Store.Apply(ctx, result)
	if err == nil {
		r.world.looked(result, outcome)
	}
	return outcome, err
}

// Backlog counts now and then.
func (r *recorder) Backlog(ctx context.Context) (b store.Backlog, err error) {
	if r.asked++; r.asked%r.gauge == 1 {
		r.backlog, err = r.Store.Backlog(ctx)
	}
	return r.backlog, err
}

// looked counts a look and the change that it found.
func (w *world) looked(r store.Result, o store.Outcome) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hour.Calls.count(r, o)
	known, ok := w.orders[r.Claim.OrderID]
	if !ok || r.Order == nil || !known.unseen || !r.Order.Modified.Equal(known.modified) {
		return
	}
	known.unseen = false
	delay := now.Sub(known.modified).Seconds()
	switch known.news {
	case prompt:
		w.hour.delays = append(w.hour.delays, delay)
	case lost:
		w.hour.Found++
		w.hour.lostDelays = append(w.hour.lostDelays, delay)
	}
}

// count notes the cause of a look.
func (c *Calls) count(r store.Result, o store.Outcome) {
	switch {
	case r.Failure != nil:
		c.Failed++
	case r.NotFound && !o.Known:
		c.Forged++
	case r.Claim.Cause == "webhook":
		c.Webhook++
	case r.Claim.Cause == "sweep":
		c.Sweep++
	case o.From == payment.Paid || o.From == payment.PartiallyRefunded:
		c.Recheck++
	default:
		c.Poll++
	}
}
