package sandbox

import (
	"sync"
	"time"
)

// ManualClock is a [Clock] that stands still until it is moved.
type ManualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers timerList
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
	timer := &clockTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.timers.remove(timer)
	}
}

// Advance moves the clock by d and calls what falls due on the way, in order of time. It returns when those calls have.
// A call may advance the clock further. The clock never goes back.
func (c *ManualClock) Advance(d time.Duration) {
	until := c.Now().Add(d)
	for timer := c.pass(until); timer != nil; timer = c.pass(until) {
		timer.f()
	}
}

// pass moves the clock to the next timer due until then, which it returns, or to until if there is none.
func (c *ManualClock) pass(until time.Time) *clockTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := c.timers.take(until)
	if timer != nil {
		until = timer.at
	}
	if until.After(c.now) {
		c.now = until
	}
	return timer
}
