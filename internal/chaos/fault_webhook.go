package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"webhookd/internal/sandbox"
)

// webhookFaults have webhooks go wrong.
func webhookFaults() []Fault {
	return []Fault{
		webhookFault("webhooks-lost", "two in three webhooks are never sent", 66, sandbox.Lose()),
		webhookFault("webhooks-all-lost", "no webhook is ever sent", 100, sandbox.Lose()),
		webhookFault("webhooks-late", "half of the webhooks come five seconds late", 50, sandbox.Delay(5*time.Second)),
		webhookFault("webhooks-duplicated", "each webhook comes five times at once", 100, sandbox.Duplicate(4)),
		webhookFault("webhooks-reordered", "half of the webhooks are overtaken by the next", 50, sandbox.Reorder()),
		{
			Name: "webhooks-forged", About: "a flood of webhooks about orders that do not exist, as fast as can be",
			Part: "forgery", Inject: forging,
		},
		{
			Name: "webhooks-flood", About: "forged webhooks until 100,000 were taken, each about another order",
			Part: "forgery", Inject: flooding,
		},
		{
			Name: "senders-slow", About: "senders of a byte at a time, and connections that fall silent half-way",
			Inject: dawdling,
		},
	}
}

func webhookFault(name, about string, percent int, f sandbox.WebhookFault) Fault {
	inject := func(ctx context.Context, w *World, _ *rand.Rand) error {
		id, lift := w.Gateway.BreakWebhooksBy(sandbox.FaultRule{Percent: percent}, f)
		<-ctx.Done()
		w.lifted(name, id)
		lift()
		return nil
	}
	return Fault{Name: name, About: about, Part: "webhooks", Inject: inject}
}

const forgers = 8

// forging sends forged webhooks until ctx ends.
func forging(ctx context.Context, w *World, rng *rand.Rand) error {
	w.forge(ctx, "webhooks-forged", forgers, rng)
	return nil
}

const (
	flooders  = 64
	floodSize = 100_000
	floodTime = 20 * time.Minute // what a machine that has much else to do may take for it
)

// flooding sends forged webhooks until that many were answered 200, though the load may have ended before.
func flooding(ctx context.Context, w *World, rng *rand.Rand) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), floodTime)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.forge(ctx, "webhooks-flood", flooders, rng)
	}()
	tick := time.NewTicker(readyTick)
	defer tick.Stop()
	for ctx.Err() == nil && w.Ledger.forged() < floodSize {
		<-tick.C
	}
	cancel()
	<-done
	if n := w.Ledger.forged(); n < floodSize {
		return fmt.Errorf("only %d of %d forged webhooks were taken within %s", n, floodSize, floodTime)
	}
	return nil
}

// forge has so many senders send forged webhooks until ctx ends, each about another order.
func (w *World) forge(ctx context.Context, fault string, senders int, rng *rand.Rand) {
	var all sync.WaitGroup
	name := rng.Uint32()
	for i := range senders {
		rng := rand.New(rand.NewPCG(uint64(name), uint64(i)))
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("flood-%08x-%d-%d", name, i, n)
				if w.webhook(ctx, w.anyReplica(rng), id, true).code != http.StatusOK {
					pause(ctx, between(rng, 10*time.Millisecond, 100*time.Millisecond)) // the replica is away
				}
				w.Injected(fault, 1)
			}
		})
	}
	all.Wait()
}

const (
	dawdlers = 24
	dawdle   = 150 * time.Millisecond // between two bytes
)

// dawdling keeps slow and silent connections open. What they send in the end is a webhook like any other.
func dawdling(ctx context.Context, w *World, rng *rand.Rand) error {
	var all sync.WaitGroup
	for range dawdlers {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		all.Go(func() {
			for ctx.Err() == nil {
				w.dawdler(ctx, w.anyReplica(rng), rng)
				w.Injected("senders-slow", 1)
				pause(ctx, between(rng, 50*time.Millisecond, 500*time.Millisecond))
			}
		})
	}
	all.Wait()
	return nil
}

// dawdler opens a connection and sends a webhook a byte at a time; half of them fall silent on the way.
func (w *World) dawdler(ctx context.Context, r *Replica, rng *rand.Rand) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		return
	}
	defer conn.Close()
	body := fmt.Sprintf(`{"event":"status_changed","order_id":"slow-%x"}`, rng.Uint32())
	text := fmt.Sprintf("POST /webhooks/costplus/%s HTTP/1.1\r\nHost: chaos\r\nContent-Length: %d\r\n\r\n%s",
		hookToken, len(body), body)
	slow := len(text) - 1 - rng.IntN(len(body))
	if _, err := conn.Write([]byte(text[:slow])); err != nil {
		return
	}
	for i := slow; i < len(text); i++ {
		if rng.IntN(2*len(body)) == 0 {
			<-ctx.Done() // half-open until the end
			return
		}
		if _, err := conn.Write([]byte{text[i]}); err != nil || !pause(ctx, dawdle) {
			return
		}
	}
}
