package sandbox

import (
	"slices"
	"time"
)

// timerList holds what a clock has still to call.
type timerList []*clockTimer

type clockTimer struct {
	at time.Time
	f  func()
}

// first returns the timer due first, and of several that are due together the oldest; nil if there is none.
func (l timerList) first() *clockTimer {
	var first *clockTimer
	for _, t := range l {
		if first == nil || t.at.Before(first.at) {
			first = t
		}
	}
	return first
}

// take removes and returns the first timer due at until or before; nil if there is none.
func (l *timerList) take(until time.Time) *clockTimer {
	first := l.first()
	if first == nil || first.at.After(until) {
		return nil
	}
	l.remove(first)
	return first
}

// remove reports whether the timer was there.
func (l *timerList) remove(t *clockTimer) bool {
	i := slices.Index(*l, t)
	if i < 0 {
		return false
	}
	*l = slices.Delete(*l, i, i+1)
	return true
}
