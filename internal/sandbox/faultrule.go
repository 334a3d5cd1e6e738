package sandbox

import (
	"math/rand/v2"
	"time"
)

// OpAny in a [FaultRule] stands for every operation of the API. It does not stand for [OpWebhook].
const OpAny Operation = "any"

// OpWebhook is the one thing that webhook faults happen to: a webhook being sent.
const OpWebhook Operation = "webhook"

// FaultRule says what a fault happens to, and how long. The zero value is every call of the API, or every webhook, until
// the fault is lifted. A fault with both Times and For ends with the first of them.
type FaultRule struct {
	On      Operation     // OpAny when empty; webhook faults do not look at it
	OrderID string        // need not exist; empty for every order, the only one that calls without an order match
	Times   int           // how often it happens; no limit when 0
	For     time.Duration // how long by the gateway's clock, from now; no limit when 0
	Percent int           // share of the calls it happens to, drawn by [Config.Seed]; all when 0
}

// match reports whether the rule is about a call.
func (r FaultRule) match(op Operation, id string) bool {
	return (r.On == OpAny || r.On == op) && (r.OrderID == "" || r.OrderID == id)
}

// chance returns the draws of a rule: the same ones for the same seed and the same number of the rule, whatever other
// rules there are and whatever calls they match. It is nil when nothing is left to chance.
func (r FaultRule) chance(seed, number uint64) *rand.Rand {
	if r.Percent < 1 || r.Percent > 99 {
		return nil
	}
	return rand.New(rand.NewPCG(seed, number))
}
