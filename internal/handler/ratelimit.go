package handler

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"
)

// slots is how many sources a limiter tells apart: half a megabyte, however many there are.
const slots = 1 << 16

// limiter bounds the requests of each source: rate of them at once, and then rate in a second, evenly. It takes no
// lock and keeps nothing of sources that came once.
//
// Sources that hash to the same slot share what it allows, so a source that floods can shut out one in 65,536 of the
// others. Which ones it cannot know.
type limiter struct {
	seed     maphash.Seed
	start    time.Time
	interval time.Duration  // what one request costs
	freeAt   []atomic.Int64 // of each slot: when all that it allowed is paid off, since start
}

// newLimiter returns a limiter, or nil, which allows everything, for a rate of 0.
func newLimiter(rate int) *limiter {
	if rate <= 0 {
		return nil
	}
	return &limiter{
		seed: maphash.MakeSeed(), start: time.Now(), interval: time.Second / time.Duration(rate),
		freeAt: make([]atomic.Int64, slots),
	}
}

// allow takes one request of source, or says how long to wait before the next is taken.
func (l *limiter) allow(source netip.Addr) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	slot := &l.freeAt[maphash.Comparable(l.seed, Network(source))%slots]
	now := int64(time.Since(l.start))
	for {
		freeAt := slot.Load()
		next := max(freeAt, now) + int64(l.interval)
		if ahead := time.Duration(next - now); ahead > time.Second {
			return ahead - time.Second, false
		}
		if slot.CompareAndSwap(freeAt, next) {
			return 0, true
		}
	}
}

// Network is what one client holds: an IPv4 address, or the 64 bits of an IPv6 address below which it can choose.
func Network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
