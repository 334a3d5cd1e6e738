package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/sandbox"
)

const (
	webhookWithin = 30 * time.Second // for the order whose webhook arrives; it takes far less than a second
	pollWithin    = 60 * time.Second // for the one whose webhooks are lost; it takes POLL_MIN_AGE and a little

	// Between two questions to webhookd; doubled from the first to the last, since each leaves a line in its log.
	askAtFirst = 50 * time.Millisecond
	askAtLast  = 250 * time.Millisecond
)

// story is what -once tells: two customers pay, one webhook arrives and one is lost, and webhookd knows of both.
type story struct {
	told    *timeline
	shop    string // address
	api     api
	gateway *sandbox.Gateway
}

// tale is one order's part of the story.
type tale struct {
	title  string
	lost   bool // its webhooks are
	within time.Duration
}

// tell plays the customers, and returns an error that says what did not happen.
func (c *cast) tell(ctx context.Context, told *timeline) error {
	ctx, end := c.service.during(ctx)
	defer end()
	s := story{
		told: told, shop: c.places.shop.url(), gateway: c.gateway,
		api: api{base: c.places.service.url() + "/v1", key: c.keys.demo},
	}
	told.now("Postgres, gateway, webhookd and shop are up")
	var ids []string
	for _, t := range []tale{
		{title: "First order: its webhook arrives", within: webhookWithin},
		{title: "Second order: its webhooks are lost on the way", lost: true, within: pollWithin},
	} {
		told.chapter(t.title)
		id, err := s.order(ctx, t)
		if ctx.Err() != nil {
			return fmt.Errorf("the story broke off: %w", context.Cause(ctx))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(t.title), err)
		}
		ids = append(ids, id)
	}
	told.chapter("The feed")
	if err := s.checkFeed(ctx, ids); err != nil {
		return fmt.Errorf("the feed: %w", err)
	}
	told.now("All is as it should be.")
	return nil
}

// order tells one tale and returns the order's id.
func (s story) order(ctx context.Context, t tale) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.within)
	defer cancel()
	if t.lost {
		defer s.gateway.BreakWebhooks("", 0, sandbox.Lose())()
	}
	if id, err = s.buy(ctx); err != nil {
		return "", err
	}
	if t.lost {
		if err := s.tellOfLoss(id); err != nil {
			return "", err
		}
	}
	order, err := s.awaitPaid(ctx, id)
	if err != nil {
		return "", err
	}
	switch got := order.Webhooks.Count; {
	case t.lost && got != 0:
		return "", fmt.Errorf("webhookd received %d webhooks, though they were lost", got)
	case !t.lost && got == 0:
		return "", errors.New("webhookd knows that the order is paid, but not from a webhook")
	case !t.lost:
		s.told.at(order.Webhooks.LastAt, "webhook received")
	}
	return id, s.tellHow(ctx, id, t.lost)
}

// buy orders in the shop and pays at the gateway's page, as a customer with a browser.
func (s story) buy(ctx context.Context) (id string, err error) {
	b, err := newBrowser()
	if err != nil {
		return "", err
	}
	if err := b.open(ctx, s.shop); err != nil {
		return "", fmt.Errorf("open the shop: %w", err)
	}
	ordered := time.Now()
	if err := b.submit(ctx, map[string]string{"amount": "12.95", "currency": "EUR"}); err != nil {
		return "", fmt.Errorf("order in the shop: %w", err)
	}
	s.told.at(ordered, "ordered in the shop, for EUR 12.95")
	paid := time.Now()
	card := map[string]string{
		"method": "credit-card", "number": sandbox.CardVisa, "expiry": paid.AddDate(2, 0, 0).Format("01/06"), "cvc": "123",
	}
	if err := b.submit(ctx, card); err != nil {
		return "", fmt.Errorf("pay at the gateway: %w", err)
	}
	id = b.at.Query().Get("order_id") // the gateway appends it
	if !strings.HasPrefix(b.at.String(), s.shop+"/order/") || !nopayn.ValidID(id) {
		return "", fmt.Errorf("pay at the gateway: the customer came to %s, not back to the shop", b.at.Path)
	}
	s.told.at(paid, "paid at the gateway, with a test card: order %s", id)
	return id, nil
}

// tellOfLoss tells when the gateway would have sent the webhook.
func (s story) tellOfLoss(id string) error {
	deliveries := s.gateway.Deliveries(id)
	isLost := func(d sandbox.Delivery) bool { return d.State == sandbox.DeliveryLost }
	if len(deliveries) == 0 || !slices.ContainsFunc(deliveries, isLost) {
		return errors.New("the gateway lost no webhook, though it was told to")
	}
	for _, d := range deliveries {
		s.told.at(d.At, "webhook lost: nobody tells webhookd")
	}
	s.told.now("waiting for webhookd to find out by itself ...")
	return nil
}

// awaitPaid asks webhookd until the order is paid and may be shipped.
func (s story) awaitPaid(ctx context.Context, id string) (apiOrder, error) {
	pause := askAtFirst
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		order, err := s.api.order(ctx, id)
		if err == nil && order.State == "paid" && order.Fulfillable {
			return order, nil
		}
		select {
		case <-ctx.Done():
			if err != nil {
				return apiOrder{}, fmt.Errorf("webhookd never said that it is paid: %w", err)
			}
			return apiOrder{}, fmt.Errorf("webhookd never said that it is paid: last it was %s, held by %v",
				order.State, order.Holds)
		case <-tick.C:
			pause = min(2*pause, askAtLast)
			tick.Reset(pause)
		}
	}
}

// tellHow tells from the order's history what made webhookd look, and that the event is in the feed.
func (s story) tellHow(ctx context.Context, id string, lost bool) error {
	history, err := s.api.history(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(history, isPaid)
	if i < 0 {
		return errors.New("its history lacks order.paid")
	}
	paid := history[i]
	if foundAlone := paid.Source == "poll" || paid.Source == "sweep"; lost != foundAlone {
		return fmt.Errorf("it was verified because of a %s, which is not what was to be shown", paid.Source)
	}
	s.told.at(paid.Time, "verified by %s: paid, and may be shipped", paid.Source)
	feed, err := s.api.feed(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(feed, func(e apiEvent) bool { return e == paid }) {
		return fmt.Errorf("event %d is in the history, but not in the feed", paid.Seq)
	}
	s.told.now("visible in the feed, as event %d", paid.Seq)
	return nil
}
