// Package poller asks the gateway about every order that is due, whoever made it due, and has the answers stored. It
// is the only writer of verified facts: a webhook, the schedule and the sweep of the gateway's order list all end in
// the same look at an order (DESIGN 1 and 6).
package poller

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// storeTimeout bounds every call of the store but a claim. The store bounds most of them more tightly by itself.
const storeTimeout = 10 * time.Second

// Store is where orders come due and answers go; *store.Store has it.
type Store interface {
	ClaimDue(ctx context.Context, n int) ([]store.Claim, error)
	Standing(ctx context.Context, id string, maxAge time.Duration) (store.Standing, error)
	ClaimNow(ctx context.Context, id string, maxAge time.Duration) (store.Claim, bool, error)
	Apply(ctx context.Context, r store.Result) (store.Outcome, error)
	ClaimSweep(ctx context.Context, interval, window, furthest time.Duration) (store.Sweep, bool, error)
	Swept(ctx context.Context, listed []store.Listed, covered time.Time) (int, error)
	PruneEvents(ctx context.Context, keep time.Duration) (int, bool, error)
	PruneOrders(ctx context.Context, keep time.Duration) (int, bool, error)
	Backlog(ctx context.Context) (store.Backlog, error)
}

// Gateway is what the poller asks; *gateway.Gateway has it.
type Gateway interface {
	Order(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error)
	Orders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error)
	Room() gateway.Room
}

// Config is how the poller works. A zero duration switches the matter off, unless said.
type Config struct {
	Concurrency     int           // looks at a time; must be that of the gateway
	Lease           time.Duration // of a claim; must be that of the store
	Tick            time.Duration // how often the schedule is consulted; 0 means once a second
	SweepInterval   time.Duration // how often the gateway's order list is read
	SweepWindow     time.Duration // how far back it is read
	RetentionEvents time.Duration // how long events are kept
	RetentionOrders time.Duration // how long settled orders are kept
}

// Poller looks at orders. Use New.
type Poller struct {
	store   Store
	gateway Gateway
	config  Config
	log     *slog.Logger
	metrics *metrics

	hand      *hand
	wake      chan struct{}
	flights   singleflight.Group        // of Refresh
	line      chan struct{}             // holds the head of those who wait in place
	lastRound atomic.Pointer[time.Time] // when the schedule was last consulted with success; nil: never
	blind     atomic.Bool               // the schedule cannot be consulted, and the log says so
	denied    atomic.Bool               // the gateway refuses our key, and the log says so
	forbade   atomic.Bool               // the gateway forbade us an order, and the log says so
}

// New returns a poller whose figures are registered with reg.
func New(s Store, g Gateway, c Config, log *slog.Logger, reg prometheus.Registerer) *Poller {
	if c.Tick == 0 {
		c.Tick = time.Second
	}
	return &Poller{
		store: s, gateway: g, config: c, log: log, metrics: newMetrics(reg),
		// Twice the looks at a time: while one half waits for its commit, the other asks the gateway.
		hand: newHand(2 * c.Concurrency),
		wake: make(chan struct{}, 1), line: make(chan struct{}, 1),
	}
}

var _ Gateway = (*gateway.Gateway)(nil)

// Run looks at orders until ctx ends, and returns when the looks in hand are done and stored. It is called once.
func (p *Poller) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { p.dispatch(ctx) })
	loops.Go(func() { every(ctx, gaugeInterval, p.measure) })
	if p.config.SweepInterval > 0 && p.config.SweepWindow > 0 {
		loops.Go(func() { p.sweepLoop(ctx) })
	}
	if p.config.RetentionEvents > 0 || p.config.RetentionOrders > 0 {
		loops.Go(func() { every(ctx, pruneInterval, p.prune) })
	}
	loops.Wait()
	<-p.hand.close()
}

// LastRound is when the schedule was last consulted with success, the zero time if never. A poller whose last round is
// long ago is not well.
func (p *Poller) LastRound() time.Time {
	if last := p.lastRound.Load(); last != nil {
		return *last
	}
	return time.Time{}
}

// every calls f at once and then at the interval, until ctx ends.
func every(ctx context.Context, interval time.Duration, f func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		f(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
