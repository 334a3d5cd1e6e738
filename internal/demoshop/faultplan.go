package demoshop

import (
	"context"
	"time"
)

// fault is a button that breaks something.
type fault struct {
	name  string // in the form, and of its texts
	apply func(context.Context, *control) error
}

// The names of those that the panel does not just pass on.
const (
	faultPayTwice = "pay-twice"
	faultLiftAll  = "lift-all"
)

// webhookFaults are those on the way from the gateway to webhookd.
func webhookFaults() []fault {
	return []fault{
		{"lose-next", breaking(faultOrder{On: "webhook", Kind: "lose", Times: 1})},
		{"triple", breaking(faultOrder{On: "webhook", Kind: "duplicate", Copies: 3, Times: 1})},
		{"delay", breaking(faultOrder{On: "webhook", Kind: "delay", Delay: "10s", Times: 1})},
		{"reorder", breaking(faultOrder{On: "webhook", Kind: "reorder", Times: 2})},
		{"forged", func(ctx context.Context, c *control) error { return c.flood(ctx, 1000, 200) }},
	}
}

// gatewayFaults are those of the gateway's API.
func gatewayFaults() []fault {
	return []fault{
		{"gateway-down", breaking(faultOrder{On: "any", Kind: "status", Status: 503, For: "30s"})},
		{"gateway-slow", breaking(faultOrder{On: "any", Kind: "slow", Delay: "3s", For: "30s"})},
		{"answer-lost", breaking(faultOrder{On: "create", Kind: "lose_answer", Times: 1})},
	}
}

// otherFaults are nobody's fault.
func otherFaults() []fault {
	return []fault{
		{"expire", func(ctx context.Context, c *control) error { return c.advance(ctx, 30*time.Minute) }},
	}
}

func breaking(o faultOrder) func(context.Context, *control) error {
	return func(ctx context.Context, c *control) error { return c.breakIt(ctx, o) }
}

// findFault returns what the panel passes on under this name.
func findFault(name string) (f fault, ok bool) {
	for _, all := range [][]fault{webhookFaults(), gatewayFaults(), otherFaults()} {
		for _, f := range all {
			if f.name == name {
				return f, true
			}
		}
	}
	return fault{}, false
}
