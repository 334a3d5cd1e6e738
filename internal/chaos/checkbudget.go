package chaos

import (
	"cmp"
	"slices"
	"time"
)

const (
	budgetWindow = 3 * time.Second
	// bunching is what the calls of a window may exceed the budget by, since calls sent one after another may arrive at
	// once where the machine is busy.
	bunching = 0.25
	// lingering is how long a call may seem to be under way to us when its caller has left it.
	lingering = 500 * time.Millisecond
)

// budget: each process keeps to its rate, and to its number of calls at a time.
func (c *checker) budget() {
	processes := map[int][]Call{}
	for _, call := range c.Calls {
		processes[call.Process] = append(processes[call.Process], call)
	}
	for process, calls := range processes {
		rate, at := peakRate(calls, budgetWindow)
		allowed := c.Budget.RPS * budgetWindow.Seconds()
		if float64(rate) > allowed*(1+bunching)+1 {
			c.find("budget", "process %d made %d calls in the %s from %s, and may make %.0f", process, rate,
				budgetWindow, at.Format("15:04:05.000"), allowed)
		}
		if most := peakConcurrency(calls, lingering); most > c.Budget.Concurrency {
			c.find("budget", "process %d had %d calls under way at once, and may have %d", process, most,
				c.Budget.Concurrency)
		}
	}
}

// peakRate is the most calls that began within a window, and where it begins.
func peakRate(calls []Call, window time.Duration) (most int, at time.Time) {
	slices.SortFunc(calls, func(a, b Call) int { return a.Began.Compare(b.Began) })
	first := 0
	for i, c := range calls {
		for c.Began.Sub(calls[first].Began) >= window {
			first++
		}
		if n := i - first + 1; n > most {
			most, at = n, calls[first].Began
		}
	}
	return most, at
}

// peakConcurrency is the most calls under way at once, each counted as over so long before its end.
func peakConcurrency(calls []Call, early time.Duration) (most int) {
	type step struct {
		at time.Time
		by int
	}
	var steps []step
	for _, c := range calls {
		end := c.Ended.Add(-early)
		if c.Ended.IsZero() || !end.After(c.Began) {
			continue
		}
		steps = append(steps, step{c.Began, 1}, step{end, -1})
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
	now := 0
	for _, s := range steps {
		now += s.by
		most = max(most, now)
	}
	return most
}
