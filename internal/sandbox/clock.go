package sandbox

import "time"

// Clock tells a Gateway the time and wakes it. Expiry, the pause between two attempts of a webhook and whatever a fault
// delays or ends by the clock go by it; the time limit of a single attempt, [Slow] and [Gateway.Flood] go by real time.
//
// [ManualClock] and [SpeedClock] are clocks that can be moved (CONTRACT 12.6).
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

// alarm returns a channel that is closed once d has passed on clock, and what stops it.
func alarm(clock Clock, d time.Duration) (ring <-chan struct{}, stop func() bool) {
	rung := make(chan struct{})
	return rung, clock.AfterFunc(d, func() { close(rung) })
}
