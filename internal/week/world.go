package week

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// world is the shop, its customers and the gateway. What happens in it happens by the driver; the service reads it.
type world struct {
	options Options
	begin   time.Time
	calm    time.Time // from here on nothing changes

	mu      sync.Mutex
	random  *rand.Rand
	plans   plans
	planned int
	orders  map[string]*order
	list    []*order // by creation
	posted  []string // webhooks of this moment
	joining []*order // orders of this moment that the shop registers
	forged  int
	hour    *Hour // which is under way
}

func newWorld(o Options) *world {
	begin := time.Now()
	return &world{
		options: o, begin: begin, calm: begin.Add(o.end() - o.Calm),
		random: rand.New(rand.NewPCG(1, 2)), orders: make(map[string]*order, o.Orders), hour: newHour(0),
	}
}

// plan is something that is to happen.
type plan struct {
	at    time.Time
	place int // of those at the same moment
	do    func(now time.Time)
}

// plans are a heap, soonest first.
type plans []plan

func (p plans) Len() int { return len(p) }

func (p plans) Less(i, j int) bool {
	if p[i].at.Equal(p[j].at) {
		return p[i].place < p[j].place
	}
	return p[i].at.Before(p[j].at)
}

func (p plans) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

// Push is part of heap.Interface.
func (p *plans) Push(x any) { *p = append(*p, x.(plan)) }

// Pop is part of heap.Interface.
func (p *plans) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = plan{}
	*p = (*p)[:last]
	return x
}

// at plans something for a moment.
func (w *world) at(t time.Time, do func(now time.Time)) {
	w.planned++
	heap.Push(&w.plans, plan{at: t, place: w.planned, do: do})
}

// after plans a change at the gateway for the bunch that d from now falls into. There are none in the calm.
func (w *world) after(now time.Time, d time.Duration, do func(now time.Time)) {
	if t := w.bunch(now.Add(d)); t.Before(w.calm) {
		w.at(t, do)
	}
}

// bunch is the end of the bunch that t falls into.
func (w *world) bunch(t time.Time) time.Time {
	length := w.options.Bunch
	past := t.Sub(w.begin) % length
	if past == 0 {
		return t
	}
	return t.Add(length - past)
}

// next is when something happens next.
func (w *world) next() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.plans) == 0 {
		return time.Time{}, false
	}
	return w.plans[0].at, true
}

// happen lets all of this moment happen, and gives what the service hears of it.
func (w *world) happen(now time.Time) (posted []string, joining []*order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posted, w.joining = nil, nil
	for len(w.plans) > 0 && !w.plans[0].at.After(now) {
		heap.Pop(&w.plans).(plan).do(now)
	}
	w.hour.Webhooks += len(w.posted)
	return w.posted, w.joining
}

// between is a random duration.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.random.Int64N(int64(most-least)))
}

// later is a random duration of hours or days.
func (w *world) later(least, most time.Duration) time.Duration {
	haste := time.Duration(w.options.Haste)
	return w.between(least/haste, most/haste)
}

// chance is true with probability p.
func (w *world) chance(p float64) bool { return w.random.Float64() < p }

// newID is as random as those of the gateway.
func (w *world) newID() string {
	a, b := w.random.Uint64(), w.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}
