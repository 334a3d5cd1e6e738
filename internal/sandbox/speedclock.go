package sandbox

import (
	"math"
	"sync"
	"time"
)

// MaxSpeed is the highest speed of a [SpeedClock]: nearly three hours in a second.
const MaxSpeed = 10_000

// SpeedClock is a [Clock] that runs at a multiple of real time, so that expiry and retries can be watched in seconds.
// Its speed can be changed while it runs, and it can be advanced by hand. It needs no closing: without timers it has no
// hold on anything.
type SpeedClock struct {
	mu     sync.Mutex
	shown  time.Time // what the clock showed at the real time since
	since  time.Time
	speed  float64
	timers timerList
	wake   *time.Timer // rings when the first of timers is due; nil until there was one
}

// NewSpeedClock returns a clock that shows start and runs at speed from now on; see [SpeedClock.SetSpeed].
func NewSpeedClock(start time.Time, speed float64) *SpeedClock {
	return &SpeedClock{shown: start.Round(0), since: time.Now(), speed: possibleSpeed(speed)}
}

// possibleSpeed returns the speed nearest to the one asked for.
func possibleSpeed(speed float64) float64 {
	if math.IsNaN(speed) {
		return 0
	}
	return min(max(speed, 0), MaxSpeed)
}

// Now returns the time the clock shows.
func (c *SpeedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now is Now. The caller holds c.mu.
func (c *SpeedClock) now() time.Time {
	passed := float64(time.Since(c.since)) * c.speed
	return c.shown.Add(time.Duration(min(passed, math.MaxInt64/2)))
}

// Speed returns how many seconds of the clock pass in a real one.
func (c *SpeedClock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed has the clock run at this speed from now on. At 0 it stands still until it is advanced. A speed below 0 or
// above [MaxSpeed] is taken as that bound.
func (c *SpeedClock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(c.now())
	c.speed = possibleSpeed(speed)
	c.rearm()
}

// AfterFunc calls f when the clock has moved by d, by itself or by hand. Calls are made one after the other, in order
// of time.
func (c *SpeedClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &clockTimer{at: c.now().Add(d), f: f}
	c.timers = append(c.timers, timer)
	c.rearm()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		defer c.rearm()
		return c.timers.remove(timer)
	}
}

// Advance moves the clock by d and calls what falls due on the way, in order of time, each call at its own time. It
// returns when those calls have; the clock runs on meanwhile, and a call may advance it further.
func (c *SpeedClock) Advance(d time.Duration) {
	until := c.Now().Add(d)
	for timer := c.pass(until); timer != nil; timer = c.pass(until) {
		timer.f()
	}
}

// pass moves the clock to the next timer due until then, which it returns, or to until if there is none.
func (c *SpeedClock) pass(until time.Time) *clockTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := c.timers.take(until)
	if timer != nil {
		until = timer.at
	}
	if until.After(c.now()) {
		c.set(until)
	}
	c.rearm()
	return timer
}

// ring calls what is due.
func (c *SpeedClock) ring() {
	for timer := c.due(); timer != nil; timer = c.due() {
		timer.f()
	}
}

func (c *SpeedClock) due() *clockTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := c.timers.take(c.now())
	if timer == nil {
		c.rearm()
	}
	return timer
}

// set has the clock show a time. The caller holds c.mu.
func (c *SpeedClock) set(shown time.Time) { c.shown, c.since = shown, time.Now() }

// rearm sets the wake-up for the first timer at the present speed. The caller holds c.mu.
func (c *SpeedClock) rearm() {
	first := c.timers.first()
	if first == nil || c.speed == 0 {
		if c.wake != nil {
			c.wake.Stop()
		}
		return
	}
	wait := math.Ceil(float64(first.at.Sub(c.now())) / c.speed)
	left := time.Duration(min(max(wait, 0), math.MaxInt64/2))
	if c.wake == nil {
		c.wake = time.AfterFunc(left, c.ring)
		return
	}
	c.wake.Reset(left)
}
