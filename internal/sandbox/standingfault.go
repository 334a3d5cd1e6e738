package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// FaultKind says what a fault does. Beside the name, only what the fault goes by is set.
type FaultKind struct {
	Name       string        // such as "slow" or "lose"
	Delay      time.Duration // of Slow, Stale and Delay
	Status     int           // of Reply, Refuse, RefuseAfter, Proxy and Empty
	RetryAfter time.Duration // of RateLimit
	Copies     int           // of Duplicate
}

// StandingFault is a fault that is to happen, or goes on happening.
type StandingFault struct {
	FaultRule
	FaultKind

	ID       string    // for [Gateway.LiftFault]
	Until    time.Time // by the gateway's clock; zero when it does not end by it
	Happened int       // how often it did

	number uint64
}

// Left returns how often the fault may still happen. It is 0 when Times sets no limit.
func (f StandingFault) Left() int {
	if f.Times == 0 {
		return 0
	}
	return f.Times - f.Happened
}

// Faults returns the faults in force, of the API and of webhooks, oldest first.
func (g *Gateway) Faults() []StandingFault {
	all := append(g.faults.standing(), g.courier.faults.standing()...)
	slices.SortFunc(all, func(a, b StandingFault) int { return cmp.Compare(a.number, b.number) })
	return all
}

// LiftFault ends the fault with this id, and reports whether there was one. Calls it already happens to go on.
func (g *Gateway) LiftFault(id string) bool {
	return id != "" && (g.faults.lift(id) || g.courier.faults.lift(id))
}

// LiftFaults ends all faults.
func (g *Gateway) LiftFaults() {
	g.faults.lift("")
	g.courier.faults.lift("")
}
