package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// maxBatch bounds the entries of one shared commit.
	maxBatch = 512
	// maxWaiting bounds the entries that wait for the next commits; beyond it the store says that it is overloaded.
	maxWaiting = 16384
	// worthAnother is how many have to wait for a commit beside the one under way to be worth its cost. With fewer, what
	// a commit costs by itself is better shared by more.
	worthAnother = 24
)

// ErrOverloaded is returned when more writes wait for a commit than could be made in reasonable time.
var ErrOverloaded = errors.New("too many writes are waiting")

// groupCommit lets calls that arrive while a commit is under way share the next one. A lone call waits for nobody. Where
// many wait, there may be several commits under way.
type groupCommit[In, Out any] struct {
	flush   func(context.Context, []In) ([]Out, error) // one commit; gives an Out for each In, in order
	flushes *sync.WaitGroup
	metrics commitMetrics
	timeout time.Duration // of one commit
	limit   int           // of the entries that wait
	lanes   int           // commits under way at once, at most

	mu      sync.Mutex
	waiting []*entry[In, Out]
	running int // commits under way
}

type entry[In, Out any] struct {
	in   In
	out  Out
	err  error
	done chan struct{}
}

func newGroupCommit[In, Out any](
	flushes *sync.WaitGroup, flush func(context.Context, []In) ([]Out, error), metrics commitMetrics,
	timeout time.Duration, lanes int,
) *groupCommit[In, Out] {
	return &groupCommit[In, Out]{flush: flush, flushes: flushes, metrics: metrics, timeout: timeout, limit: maxWaiting, lanes: lanes}
}

// do commits in and returns what came of it. If ctx ends first, in is withdrawn if it still waits; else its commit, which
// is under way, may or may not happen.
func (g *groupCommit[In, Out]) do(ctx context.Context, in In) (Out, error) {
	e := &entry[In, Out]{in: in, done: make(chan struct{})}
	if err := g.enqueue(e); err != nil {
		return e.out, err
	}
	select {
	case <-e.done:
		return e.out, e.err
	case <-ctx.Done():
		g.withdraw(e)
		var none Out
		return none, ctx.Err()
	}
}

// withdraw takes back what nobody waits for any more, so that a database that hangs leaves no queue behind.
func (g *groupCommit[In, Out]) withdraw(e *entry[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, e); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
}

func (g *groupCommit[In, Out]) enqueue(e *entry[In, Out]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= g.limit {
		return ErrOverloaded
	}
	g.waiting = append(g.waiting, e)
	if g.running == 0 || g.running < g.lanes && len(g.waiting) >= worthAnother {
		g.running++
		g.flushes.Go(g.run)
	}
	return nil
}

// run commits until nothing waits, or too little for it and another that goes on.
func (g *groupCommit[In, Out]) run() {
	for batch := g.next(); batch != nil; batch = g.next() {
		g.metrics.size.Observe(float64(len(batch)))
		in := make([]In, len(batch))
		for i, e := range batch {
			in[i] = e.in
		}
		ctx, cancel := context.WithTimeout(context.Background(), g.timeout)
		start := time.Now()
		out, err := g.flush(ctx, in)
		cancel()
		g.metrics.took.Observe(time.Since(start).Seconds())
		for i, e := range batch {
			if e.err = err; err == nil {
				e.out = out[i]
			}
			close(e.done)
		}
		// Callers that were just answered often come back at once: let them join the next commit, and not the one after.
		runtime.Gosched()
	}
}

// next takes the entries of the next commit, or nil when there is to be none.
func (g *groupCommit[In, Out]) next() []*entry[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxBatch)
	if n == 0 || g.running > 1 && n < worthAnother {
		g.running--
		return nil
	}
	batch := g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil // or it would hold what is done
	}
	return batch
}
