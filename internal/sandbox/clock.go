package sandbox

import (
	"sync"
	"time"
)

// Clock tells a Gateway the time and wakes it. Expiry and the pause between two attempts of a webhook go by it; the
// time limit of a single attempt and the delays of faults are always real time.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once d has passed. Calling stop before keeps it from being called.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// ManualClock is a [Clock] that stands still until it is moved.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

type manualTimer struct {
	at time.Time
	f  func()
}

// NewManualClock returns a clock that shows start.
func NewManualClock(start time.Time) *ManualClock { return &ManualClock{now: start} }

// Now returns the time the clock was set to.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f within the Advance that reaches d from now, also when d is not positive.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &manualTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() bool { return c.remove(timer) }
}

// Advance moves the clock by d and calls what falls due on the way, in order of time. It returns when those calls have.
func (c *ManualClock) Advance(d time.Duration) {
	until := c.Now().Add(d)
	for timer := c.next(until); timer != nil; timer = c.next(until) {
		timer.f()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = until
}

// next takes the earliest timer due at until or before, and sets the clock to its time.
func (c *ManualClock) next(until time.Time) *manualTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	earliest := -1
	for i, t := range c.timers {
		if !t.at.After(until) && (earliest < 0 || t.at.Before(c.timers[earliest].at)) {
			earliest = i
		}
	}
	if earliest < 0 {
		return nil
	}
	timer := c.timers[earliest]
	c.timers = append(c.timers[:earliest], c.timers[earliest+1:]...)
	if timer.at.After(c.now) {
		c.now = timer.at
	}
	return timer
}

func (c *ManualClock) remove(timer *manualTimer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.timers {
		if t == timer {
			c.timers = append(c.timers[:i], c.timers[i+1:]...)
			return true
		}
	}
	return false
}

// alarm returns a channel that is closed once d has passed on clock, and what stops it.
func alarm(clock Clock, d time.Duration) (ring <-chan struct{}, stop func() bool) {
	rung := make(chan struct{})
	return rung, clock.AfterFunc(d, func() { close(rung) })
}
