package poller_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

const (
	modelConcurrency = 3
	modelRPS         = 20
)

var errCut = errors.New("connection reset by peer")

// reply is how the gateway of the model takes one call.
type reply struct {
	kind  string
	delay time.Duration
	late  bool // reads the order at the end of the delay instead of at its beginning
}

// modelGateway is the payment gateway: its orders, and how it takes the calls to come.
type modelGateway struct {
	fault func(format string, args ...any)

	mu      sync.Mutex
	orders  map[string]*nopayn.Order
	replies []reply // in turn, over and over; none: each call is answered at once
	calls   int
	asking  map[string][]*session // who has a request under way
}

// change gives an order another status, or makes it.
func (g *modelGateway) change(id string, s nopayn.Status) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	o := nopayn.Order{ID: id, Created: now, Modified: now, Status: s}
	if was := g.orders[id]; was != nil {
		o.Created = was.Created
		if !o.Modified.After(was.Modified) {
			o.Modified = was.Modified.Add(time.Microsecond)
		}
	}
	g.orders[id] = &o
}

// recovers has each call answered at once.
func (g *modelGateway) recovers() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replies = nil
}

func (g *modelGateway) next() reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.replies) == 0 {
		return reply{kind: "answer"}
	}
	g.calls++
	return g.replies[g.calls%len(g.replies)]
}

// order is what a request reads, nil for an unknown order.
func (g *modelGateway) order(id string) *nopayn.Order {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.orders[id]
}

// enter and leave tell of requests for one order at the same time. Those of a replica that has crashed do not count.
func (g *modelGateway) enter(id string, who *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	others := slices.DeleteFunc(slices.Clone(g.asking[id]), (*session).crashed)
	if len(others) > 0 {
		g.fault("%s is looked at by two at once", id)
	}
	g.asking[id] = append(g.asking[id], who)
}

func (g *modelGateway) leave(id string, who *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.asking[id], who); i >= 0 {
		g.asking[id] = slices.Delete(g.asking[id], i, i+1)
	}
}

// line is the way of one replica to the gateway. It holds the replica to the bounds of its calls.
type line struct {
	gateway.API // whatever is not called here
	*modelGateway
	*session

	bounds sync.Mutex
	under  int
	begun  []time.Time // the newest calls
	dead   bool        // no call may come any more
}

func (l *line) begins() {
	l.bounds.Lock()
	defer l.bounds.Unlock()
	if l.dead {
		l.modelGateway.fault("a call comes after the stop")
	}
	if l.under++; l.under > modelConcurrency {
		l.modelGateway.fault("%d calls at once", l.under)
	}
	now := time.Now()
	l.begun = append(l.begun, now)
	if n := len(l.begun); n > modelRPS {
		if d := now.Sub(l.begun[n-1-modelRPS]); d < time.Second-time.Millisecond {
			l.modelGateway.fault("%d calls begin within %s", modelRPS+1, d)
		}
		l.begun = slices.Delete(l.begun, 0, n-modelRPS)
	}
}

func (l *line) ends() {
	l.bounds.Lock()
	defer l.bounds.Unlock()
	l.under--
}

// closes ends the calls: it returns how many are under way, and none may come.
func (l *line) closes() int {
	l.bounds.Lock()
	defer l.bounds.Unlock()
	l.dead = true
	return l.under
}

// request is one request, as the gateway takes it.
func (l *line) request(ctx context.Context, read func()) error {
	l.begins()
	defer l.ends()
	r := l.next()
	if r.kind == "silence" {
		<-ctx.Done()
		return &nopayn.TransportError{Operation: "model", Err: ctx.Err()}
	}
	if !r.late {
		read()
	}
	if r.delay > 0 {
		select {
		case <-time.After(r.delay):
		case <-ctx.Done():
			return &nopayn.TransportError{Operation: "model", Err: ctx.Err()}
		}
	}
	if r.late {
		read()
	}
	switch r.kind {
	case "cut":
		return &nopayn.TransportError{Operation: "model", Err: errCut}
	case "unreadable":
		return errUnreadable
	case "slow down":
		return &nopayn.APIError{StatusCode: http.StatusTooManyRequests, RetryAfter: 3 * time.Second}
	case "go away":
		return &nopayn.APIError{StatusCode: http.StatusTooManyRequests, RetryAfter: 30 * time.Second}
	case "unauthorized":
		return refusal(http.StatusUnauthorized)
	case "broken":
		return refusal(http.StatusInternalServerError)
	}
	return nil
}

// GetOrder is a look's request. A replica that has crashed asks no more.
func (l *line) GetOrder(ctx context.Context, id string, _ ...nopayn.Field) (o *nopayn.Order, err error) {
	if l.crashed() {
		return nil, &nopayn.TransportError{Operation: "model", Err: errCut}
	}
	l.asks(id)
	l.enter(id, l.session)
	defer l.leave(id, l.session)
	if err := l.request(ctx, func() { o = l.order(id) }); err != nil {
		return nil, err
	}
	if o == nil {
		return nil, refusal(http.StatusNotFound)
	}
	if payment.NeedsAmountDetails(o) {
		l.lacks(id)
	}
	return o, nil
}

// ListOrders lists what was created between.
func (l *line) ListOrders(ctx context.Context, since, until time.Time) (all []nopayn.Order, err error) {
	if l.crashed() {
		return nil, &nopayn.TransportError{Operation: "model", Err: errCut}
	}
	err = l.request(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, o := range l.orders {
			if !o.Created.Before(since) && o.Created.Before(until) {
				all = append(all, *o)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
