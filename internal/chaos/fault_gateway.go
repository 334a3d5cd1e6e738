package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"webhookd/internal/sandbox"
)

const often = 30 // per cent of the calls

// gatewayFaults have the gateway's API fail.
func gatewayFaults() []Fault {
	var all []Fault
	for _, k := range apiFaults() {
		all = append(all, Fault{
			Name: "gateway-" + k.name, About: "at 30 % of the calls: " + k.about, Part: "gateway",
			Inject: func(ctx context.Context, w *World, _ *rand.Rand) error {
				return w.broken(ctx, "gateway-"+k.name, sandbox.FaultRule{On: k.on, Percent: often}, k.fault)
			},
		})
	}
	return append(all,
		Fault{
			Name: "gateway-mixed", About: "all of them by turns, each for a second or two, some at the same time",
			Part: "gateway", Inject: mixed,
		},
		Fault{
			Name: "gateway-slower", About: "every answer later than GATEWAY_TIMEOUT for ten seconds and more", Part: "gateway",
			Inject: whole("gateway-slower", sandbox.Slow(2*gatewayTimeout)),
		},
		Fault{
			Name: "gateway-key", About: "our key is not good for a while: every call is answered 401", Part: "gateway",
			Inject: whole("gateway-key", sandbox.Unauthorized()),
		},
		Fault{
			Name: "gateway-limit", About: "every call is answered 429 with Retry-After for a while", Part: "gateway",
			Inject: whole("gateway-limit", sandbox.RateLimit(2*time.Second)),
		},
		Fault{
			Name: "gateway-gone", About: "every connection is cut for a while, without an answer", Part: "gateway",
			Inject: whole("gateway-gone", sandbox.Cut()),
		},
		Fault{
			Name: "clock-ahead", About: "the gateway's clock is an hour ahead", Part: "clock", Prepare: skewed(time.Hour),
		},
		Fault{
			Name: "clock-behind", About: "the gateway's clock is an hour behind", Part: "clock", Prepare: skewed(-time.Hour),
		},
	)
}

// apiFault is a fault of the sandbox.
type apiFault struct {
	name, about string
	on          sandbox.Operation // empty for all
	fault       sandbox.Fault
}

// apiFaults are all faults of the sandbox that a gateway may have without saying what is not so of an order's money.
func apiFaults() []apiFault {
	return []apiFault{
		{"slow", "an answer after half of the time limit", "", sandbox.Slow(gatewayTimeout / 2)},
		{"hang", "no answer at all", "", sandbox.Hang()},
		{"cut", "the connection is cut before anything is done", "", sandbox.Cut()},
		{"cut-body", "it is done, and the answer breaks off in the middle", "", sandbox.CutBody()},
		{"lose-answer", "it is done, and no answer comes", "", sandbox.LoseAnswer()},
		{"500", "answered 500, and nothing is done", "", sandbox.Refuse(http.StatusInternalServerError)},
		{"503-after", "it is done, and answered 503", "", sandbox.RefuseAfter(http.StatusServiceUnavailable)},
		{"proxy", "a proxy's page with 502", "", sandbox.Proxy(http.StatusBadGateway)},
		{"401", "answered 401", "", sandbox.Unauthorized()},
		{"403", "answered 403 to reads of an order", sandbox.OpGet, sandbox.Refuse(http.StatusForbidden)},
		{"404", "answered 404 to reads of an order", sandbox.OpGet, sandbox.Missing()},
		{"429", "answered 429 with Retry-After", "", sandbox.RateLimit(time.Second)},
		{"empty", "it is done, and the answer has no body", "", sandbox.Empty(0)},
		{"empty-200", "an answer without a body, and nothing is done", "", sandbox.Empty(http.StatusOK)},
		{"error-under-200", "an error under status 200, and nothing is done", "", sandbox.ErrorUnderOK()},
		{"error-200-after", "it is done, and answered with an error under status 200", "", sandbox.ErrorUnderOKAfter()},
		{"not-json", "an answer that is no JSON", "", sandbox.Reply(http.StatusOK, nil, "<html>well</html>")},
		{"no-transactions", "orders without their transactions", "", sandbox.NoTransactions()},
		{"unknown-fields", "orders with members nobody knows", "", sandbox.UnknownFields()},
		{"unknown-status", "orders with a status nobody knows", sandbox.OpGet, sandbox.UnknownStatus()},
		{"stale", "orders as they were three seconds ago", "", sandbox.Stale(3 * time.Second)},
	}
}

// broken has a fault of the sandbox happen until ctx ends.
func (w *World) broken(ctx context.Context, name string, rule sandbox.FaultRule, f sandbox.Fault) error {
	id, lift := w.Gateway.BreakBy(rule, f)
	<-ctx.Done()
	w.lifted(name, id)
	lift()
	return nil
}

// lifted counts how often a fault of the sandbox has happened that is about to be lifted.
func (w *World) lifted(name, id string) {
	for _, standing := range w.Gateway.Faults() {
		if standing.ID == id {
			w.Injected(name, standing.Happened)
		}
	}
}

// whole has a fault happen to every call, for a part of the round.
func whole(name string, f sandbox.Fault) func(context.Context, *World, *rand.Rand) error {
	return func(ctx context.Context, w *World, rng *rand.Rand) error {
		if !pause(ctx, between(rng, time.Second, 4*time.Second)) {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, between(rng, 8*time.Second, 15*time.Second))
		defer cancel()
		return w.broken(ctx, name, sandbox.FaultRule{}, f)
	}
}

// mixed has the sandbox's faults happen by turns.
func mixed(ctx context.Context, w *World, rng *rand.Rand) error {
	all := apiFaults()
	for ctx.Err() == nil {
		k := all[rng.IntN(len(all))]
		turn, cancel := context.WithTimeout(ctx, between(rng, time.Second/2, 2*time.Second))
		err := w.broken(turn, "gateway-mixed", sandbox.FaultRule{On: k.on, Percent: often + rng.IntN(often)}, k.fault)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

func skewed(by time.Duration) func(*Setup, *rand.Rand) {
	return func(s *Setup, _ *rand.Rand) { s.Gateway.Clock = sandbox.NewSpeedClock(time.Now().Add(by), 1) }
}
