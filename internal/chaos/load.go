package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// The people of a round.
const (
	customers  = 8
	readers    = 2
	messengers = 2
	streamers  = 3
	pollers    = 2
)

// load has the customers of a round come until ctx ends, and returns when all have gone. seed decides what each does.
func (w *World) load(ctx context.Context, seed uint64) {
	var all sync.WaitGroup
	for i := range customers {
		c := &customer{w: w, rng: course(seed, "customer", i), name: fmt.Sprintf("c%d", i)}
		all.Go(func() { c.run(ctx) })
	}
	for i := range readers {
		r := &reader{w, course(seed, "reader", i)}
		all.Go(func() { r.run(ctx) })
	}
	for i := range messengers {
		m := &messenger{w, course(seed, "messenger", i)}
		all.Go(func() { m.run(ctx) })
	}
	all.Wait()
}

// consume has consumers read the feed until ctx ends.
func (w *World) consume(ctx context.Context, seed uint64) (wait func()) {
	var all sync.WaitGroup
	for i := range streamers {
		c := &consumer{w, course(seed, "stream", i), fmt.Sprintf("stream %d", i)}
		w.Ledger.reading(c.name)
		all.Go(func() { c.stream(ctx) })
	}
	for i := range pollers {
		c := &consumer{w, course(seed, "poll", i), fmt.Sprintf("poll %d", i)}
		w.Ledger.reading(c.name)
		all.Go(func() { c.poll(ctx) })
	}
	return all.Wait
}

// course is the chance of one who takes part, which no other's depends on.
func course(seed uint64, who string, number int) *rand.Rand {
	mix := uint64(14695981039346656037) // FNV
	for _, b := range []byte(fmt.Sprint(who, number)) {
		mix = (mix ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, mix))
}
