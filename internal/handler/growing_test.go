package handler_test

import (
	"context"
	"fmt"
	"sync"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// growing is a feed that events are added to, and one order of it.
type growing struct {
	mu     sync.Mutex
	floor  int64
	events []store.Event // after floor
	order  *store.Order  // nil: not known
	reads  int           // of the order
}

// fake is a store that shows g.
func (g *growing) fake() *fake {
	f := newFake()
	f.extent = func() (store.Extent, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.extent(), nil
	}
	f.events = func(feed string, after int64, limit int) (store.Page, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		x := g.extent()
		if err := x.Continue(feed, after); err != nil {
			return store.Page{}, err
		}
		from := after - g.floor
		to := min(from+int64(limit), int64(len(g.events)))
		p := store.Page{Feed: x.Feed, Events: append([]store.Event{}, g.events[from:to]...), Next: g.floor + to, Head: x.Head}
		p.HasMore = p.Next < p.Head
		return p, nil
	}
	f.order = func(_ context.Context, asked string) (store.Order, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.reads++
		if g.order == nil {
			return store.Order{}, fmt.Errorf("order %s: %w", asked, store.ErrNotFound)
		}
		return *g.order, nil
	}
	return f
}

func (g *growing) extent() store.Extent {
	return store.Extent{Feed: "f", Floor: g.floor, Head: g.floor + int64(len(g.events))}
}

// add commits n events of an order.
func (g *growing) add(n int, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range n {
		e := paidEvent(id)
		e.Seq = g.floor + int64(len(g.events)) + 1
		g.events = append(g.events, e)
	}
}

// becomes commits that the order is in a state now, with an event of it.
func (g *growing) becomes(state payment.State, final bool) {
	g.add(1, id)
	g.mu.Lock()
	defer g.mu.Unlock()
	o := paidOrder(id)
	o.State, o.Final, o.Seq = state, final, g.floor+int64(len(g.events))
	g.order = &o
}

// looked is how often the order was read.
func (g *growing) looked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reads
}
