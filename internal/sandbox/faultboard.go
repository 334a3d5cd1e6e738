package sandbox

import (
	"slices"
	"sync"
	"sync/atomic"
)

// board holds the faults that are to happen. F is what goes wrong: an answer of the API, or a webhook.
type board[F any] struct {
	waiting atomic.Int32 // lets calls pass without the lock as long as nothing is to go wrong

	mu    sync.Mutex
	rules []*boardRule[F]
}

type boardRule[F any] struct {
	op    Operation
	id    string // empty: every order
	left  int    // times it is still to happen
	ever  bool   // happens until it is lifted
	fault F
}

// put has f happen to the next n calls of op for an order id, or to all until lift if n is 0. An empty id stands for
// every order.
func (b *board[F]) put(op Operation, id string, n int, f F) (lift func()) {
	rule := &boardRule[F]{op: op, id: id, left: n, ever: n == 0, fault: f}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(append(b.rules, rule))
	return func() { b.remove(rule) }
}

// take returns the fault that is to happen to a call, the oldest if there are several, and counts it as happened.
func (b *board[F]) take(op Operation, id string) (f F, found bool) {
	if b.waiting.Load() == 0 {
		return f, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.rules, func(r *boardRule[F]) bool {
		return r.op == op && (r.id == "" || r.id == id)
	})
	if i < 0 {
		return f, false
	}
	rule := b.rules[i]
	if rule.left--; !rule.ever && rule.left == 0 {
		b.set(slices.Delete(b.rules, i, i+1))
	}
	return rule.fault, true
}

func (b *board[F]) remove(rule *boardRule[F]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(slices.DeleteFunc(b.rules, func(r *boardRule[F]) bool { return r == rule }))
}

func (b *board[F]) set(rules []*boardRule[F]) {
	b.rules = rules
	b.waiting.Store(int32(len(rules)))
}
