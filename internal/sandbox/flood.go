package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// MaxFlood is the most webhooks of one [Gateway.Flood].
	MaxFlood = 10_000

	// floodWidth is how many webhooks of a flood may be under way at once. They take no place from the gateway's own.
	floodWidth = 64
)

// Flood sends n forged webhooks, each about an order that does not exist, with an id of its own: somebody else's, who
// knows the address (CONTRACT 4.3). They go to the URL given, Config.WebhookURL when it is empty, perSecond of them in a
// second of real time, or as fast as can be when that is 0. Each is sent once, and shown in the delivery log as forged.
// Flood returns at once; Close ends what it started.
func (g *Gateway) Flood(to string, n int, perSecond float64) error {
	if to == "" {
		to = g.courier.defaultURL
	}
	switch {
	case to == "":
		return errors.New("flood: there is no webhook URL")
	case n < 1 || n > MaxFlood:
		return fmt.Errorf("flood: %d webhooks, and it must be 1 to %d", n, MaxFlood)
	case !(perSecond >= 0): // NaN too
		return errors.New("flood: webhooks a second must not be negative")
	}
	g.background.spawn(func(ctx context.Context) { g.flood(ctx, to, n, perSecond) })
	return nil
}

func (g *Gateway) flood(ctx context.Context, to string, n int, perSecond float64) {
	began := time.Now()
	slots := make(chan struct{}, floodWidth)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range n {
		timer.Reset(paced(i, perSecond) - time.Since(began))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		g.background.spawn(func(ctx context.Context) {
			defer func() { <-slots }()
			g.courier.forge(ctx, to, g.projectID)
		})
	}
}

// paced returns how long after the first the webhook i is due.
func paced(i int, perSecond float64) time.Duration {
	if perSecond == 0 {
		return 0
	}
	return time.Duration(min(float64(i)/perSecond*float64(time.Second), math.MaxInt64/2))
}

// forge sends one webhook about an order that does not exist.
func (c *courier) forge(ctx context.Context, to, projectID string) {
	event := webhookEvent{Event: eventStatus, OrderID: newID(), ProjectID: projectID}
	d := newDelivery(event, to, DeliveryWaiting, c.clock.Now())
	d.Forged = true
	c.book.add(d)
	made := c.post(ctx, d, c.rules.FirstTimeout)
	if ctx.Err() != nil {
		return
	}
	state := DeliveryFailed
	if c.acknowledges(made) {
		state = DeliveryAcknowledged
	}
	c.book.record(d, made, state)
}
