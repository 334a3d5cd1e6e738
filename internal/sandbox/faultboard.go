package sandbox

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// board holds the faults that are to happen. F is what goes wrong: an answer of the API, or a webhook.
type board[F interface{ about() FaultKind }] struct {
	clock   Clock
	seed    uint64
	numbers *atomic.Uint64 // shared by all boards of a gateway

	waiting atomic.Int32 // lets calls pass without the lock as long as nothing is to go wrong

	mu    sync.Mutex
	rules []*boardRule[F]
}

type boardRule[F any] struct {
	FaultRule

	number   uint64
	until    time.Time // zero when it does not end by the clock
	happened int
	chance   *rand.Rand
	fault    F
}

func newBoard[F interface{ about() FaultKind }](clock Clock, seed uint64, numbers *atomic.Uint64) *board[F] {
	return &board[F]{clock: clock, seed: seed, numbers: numbers}
}

// put has f happen by a rule, until its end or until lift is called.
func (b *board[F]) put(rule FaultRule, f F) (id string, lift func()) {
	rule.On = cmp.Or(rule.On, OpAny)
	rule.Times = max(rule.Times, 0)
	number := b.numbers.Add(1)
	r := &boardRule[F]{FaultRule: rule, number: number, chance: rule.chance(b.seed, number), fault: f}
	if rule.For > 0 {
		r.until = b.clock.Now().Add(rule.For)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(append(b.rules, r))
	return r.id(), func() { b.lift(r.id()) }
}

// take returns the fault that is to happen to a call, the oldest if there are several, and counts it as happened.
func (b *board[F]) take(op Operation, id string) (f F, found bool) {
	if b.waiting.Load() == 0 {
		return f, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropEnded()
	i := slices.IndexFunc(b.rules, func(r *boardRule[F]) bool { return r.match(op, id) && r.drawn() })
	if i < 0 {
		return f, false
	}
	rule := b.rules[i]
	if rule.happened++; rule.happened == rule.Times {
		b.set(slices.Delete(b.rules, i, i+1))
	}
	return rule.fault, true
}

// lift reports whether there was a fault with this id; an empty id stands for all.
func (b *board[F]) lift(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	had := len(b.rules)
	b.set(slices.DeleteFunc(b.rules, func(r *boardRule[F]) bool { return id == "" || r.id() == id }))
	return len(b.rules) < had
}

// standing returns what is on the board, oldest first.
func (b *board[F]) standing() []StandingFault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropEnded()
	var all []StandingFault
	for _, r := range b.rules {
		all = append(all, StandingFault{
			ID: r.id(), FaultRule: r.FaultRule, FaultKind: r.fault.about(), Until: r.until, Happened: r.happened,
			number: r.number,
		})
	}
	return all
}

// dropEnded takes away the faults whose time is over. The caller holds b.mu.
func (b *board[F]) dropEnded() {
	now := b.clock.Now()
	b.set(slices.DeleteFunc(b.rules, func(r *boardRule[F]) bool { return !r.until.IsZero() && !now.Before(r.until) }))
}

func (b *board[F]) set(rules []*boardRule[F]) {
	b.rules = rules
	b.waiting.Store(int32(len(rules)))
}

func (r *boardRule[F]) id() string { return "fault-" + strconv.FormatUint(r.number, 10) }

// drawn reports whether chance has the fault happen to this call.
func (r *boardRule[F]) drawn() bool { return r.chance == nil || r.chance.IntN(100) < r.Percent }
