package main

import (
	"math"
	"slices"
	"sync"
	"time"
)

// times collects how long things took.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d ...time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d...)
}

func (t *times) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// quantiles are, for each part, the shortest of the times that at least so large a part of all was not longer than; 0
// if there are none.
func (t *times) quantiles(parts ...float64) []time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	sorted := slices.Sorted(slices.Values(t.all))
	out := make([]time.Duration, len(parts))
	for i, p := range parts {
		if len(sorted) > 0 {
			rank := int(math.Ceil(p * float64(len(sorted))))
			out[i] = sorted[min(max(rank, 1), len(sorted))-1]
		}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
