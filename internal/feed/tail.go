// Package feed hands the events on to whoever follows them, as they are committed: streams, long-polls and requests
// that wait for an order.
//
// One [Tail] in the process reads each event from the database once and renders it once; how many follow costs the
// database nothing. It learns of this process's commits by [Tail.Wake] and of other replicas' by looking, four times a
// second and more often while events come, and only while somebody listens. What it read it keeps for a while: a
// follower that lags behind that reads the missing pages from the database itself, two at a time for all of them.
//
// Nobody skips an event. Positions are dense, so a gap is seen; a page with one is read again, and not handed on.
// While the database is away followers stay and wait.
package feed

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"webhookd/internal/store"
)

const (
	// MaxListeners bounds those that wait at a time. Each holds a connection, and some 50 kB with it.
	MaxListeners = 5000
	// readTimeout bounds each read of the database.
	readTimeout = 4 * time.Second
	// pageSize is how many events the tail reads at a time.
	pageSize = 500
	// catchUpReads bounds the reads of lagging followers at a time, so that they leave the pool to others.
	catchUpReads = 2
)

// ErrTooMany is returned while MaxListeners others wait.
var ErrTooMany = errors.New("too many requests are waiting for events")

// Source is where the events are. *store.Store is one, and says what its methods promise.
type Source interface {
	Events(ctx context.Context, feed string, after int64, limit int) (store.Page, error)
	Extent(ctx context.Context) (store.Extent, error)
}

// Tail follows the feed's end for all listeners. Use New.
type Tail struct {
	source  Source
	log     *slog.Logger
	streams prometheus.Gauge

	recent   atomic.Pointer[recent] // written by Run alone
	nudged   chan struct{}          // there may be something to read
	reading  chan struct{}          // holds an element for each catch-up read under way
	draining chan struct{}          // closed by Drain
	drain    sync.Once

	mu        sync.Mutex
	listeners int
	watches   map[string][]*Watch // by order id
}

// New returns a tail of source, whose figures are registered with reg; nil is nowhere.
func New(source Source, log *slog.Logger, reg prometheus.Registerer) *Tail {
	t := &Tail{
		source: source, log: log, watches: map[string][]*Watch{},
		streams: promauto.With(reg).NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_stream_clients", Help: "Clients of the event stream.",
		}),
		nudged: make(chan struct{}, 1), reading: make(chan struct{}, catchUpReads), draining: make(chan struct{}),
	}
	t.recent.Store(&recent{asleep: true, changed: make(chan struct{})})
	return t
}

// Wake says that events were committed. It returns at once.
func (t *Tail) Wake() {
	if t.listening() > 0 {
		t.nudge()
	}
}

// Drain ends all streams, and has all that wait answered with what there is, now and from now on.
func (t *Tail) Drain() { t.drain.Do(func() { close(t.draining) }) }

// Run reads until ctx ends. It is called once.
func (t *Tail) Run(ctx context.Context) {
	var p pace
	for ctx.Err() == nil {
		listeners := t.listening()
		if listeners == 0 {
			t.sleep()
			pause(ctx, nil, t.nudged)
			continue
		}
		found, err := t.look(ctx)
		if ctx.Err() != nil {
			return
		}
		t.report(ctx, err, p.failures)
		p.step(found, listeners, err)
		pause(ctx, time.After(p.rest), nil)
		pause(ctx, time.After(p.idle), t.nudged)
	}
}

// pause waits for the timer, the nudge or the end of ctx.
func pause(ctx context.Context, timer <-chan time.Time, nudged <-chan struct{}) {
	select {
	case <-timer:
	case <-nudged:
	case <-ctx.Done():
	}
}

// report tells the log when reading fails, and when it does so no more.
func (t *Tail) report(ctx context.Context, err error, failures int) {
	switch {
	case err != nil && failures == 0:
		t.log.WarnContext(ctx, "cannot follow the feed", "err", err)
	case err == nil && failures > 0:
		t.log.InfoContext(ctx, "following the feed again")
	}
}

// join counts a listener in. Each call that does not fail needs one of leave.
func (t *Tail) join() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listeners >= MaxListeners {
		return ErrTooMany
	}
	t.listeners++
	if t.listeners == 1 {
		t.nudge() // out of its sleep
	}
	return nil
}

func (t *Tail) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listeners--
}

// listening is how many wait.
func (t *Tail) listening() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.listeners
}

func (t *Tail) nudge() {
	select {
	case t.nudged <- struct{}{}:
	default:
	}
}

// sleep keeps the events at hand, but has nobody rely on them until they have been compared with the database again.
func (t *Tail) sleep() {
	if r := t.recent.Load(); !r.asleep {
		t.publish(r.successor(true))
	}
}

// look reads what follows the newest event at hand. When nobody has listened for a while, and much has happened since,
// it starts anew near the end; everybody finds the way there alone.
func (t *Tail) look(ctx context.Context) (found int, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	r := t.recent.Load()
	if r.feed == "" {
		return 0, t.restart(ctx, r.epoch)
	}
	page, err := t.source.Events(ctx, r.feed, r.head, pageSize)
	var gone *store.GoneError
	switch {
	case errors.As(err, &gone) && !r.asleep:
		// The database is another one, or an older copy: whoever follows must learn of it.
		t.log.WarnContext(ctx, "the feed is not the one that was followed: all streams are ended", "reason", gone.Reason)
		return 0, t.restart(ctx, r.epoch+1)
	case errors.As(err, &gone), err == nil && r.asleep && page.HasMore:
		return 0, t.restart(ctx, r.epoch)
	case err != nil:
		return 0, err
	}
	return len(page.Events), t.append(r, page.Events)
}

// append shows r with the events that follow it to all listeners, if there is news in that.
func (t *Tail) append(r *recent, events []store.Event) error {
	if len(events) == 0 && !r.asleep {
		return nil
	}
	if err := dense(r.head, events); err != nil {
		return err
	}
	batches, err := render(events)
	if err != nil {
		return err
	}
	t.publish(r.with(batches))
	t.wakeWatches(events)
	return nil
}

// restart goes to a page before the feed's end, so that those who reconnect find what they missed at hand. Where it
// was before is not known to anybody who watches an order, so all of them look.
func (t *Tail) restart(ctx context.Context, epoch int) error {
	x, err := t.source.Extent(ctx)
	if err != nil {
		return err
	}
	start := max(x.Floor, x.Head-pageSize)
	t.publish(&recent{epoch: epoch, feed: x.Feed, base: start, head: start, changed: make(chan struct{})})
	t.wakeAllWatches()
	t.nudge()
	return nil
}

// publish shows r to all listeners.
func (t *Tail) publish(r *recent) {
	close(t.recent.Swap(r).changed)
}

func (t *Tail) wakeWatches(events []store.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.watches) == 0 {
		return
	}
	for _, e := range events {
		for _, w := range t.watches[e.OrderID] {
			w.wake()
		}
	}
}

func (t *Tail) wakeAllWatches() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, watches := range t.watches {
		for _, w := range watches {
			w.wake()
		}
	}
}

// remove takes a watch off the list.
func (t *Tail) remove(w *Watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := slices.DeleteFunc(t.watches[w.id], func(other *Watch) bool { return other == w })
	if len(left) == 0 {
		delete(t.watches, w.id)
		return
	}
	t.watches[w.id] = left
}
