package sandbox

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// courier delivers webhooks.
type courier struct {
	rules      WebhookRules
	defaultURL string
	clock      Clock
	log        *slog.Logger
	client     *http.Client
	slots      chan struct{}
	faults     *board[WebhookFault]
	line       webhookLine
	book       deliveryBook
}

func newCourier(defaultURL string, rules WebhookRules, clock Clock, log *slog.Logger) *courier {
	rules.FirstTimeout = cmp.Or(rules.FirstTimeout, 4*time.Second)
	rules.Timeout = cmp.Or(rules.Timeout, 10*time.Second)
	rules.Attempts = cmp.Or(rules.Attempts, 11)
	rules.Interval = cmp.Or(rules.Interval, 2*time.Minute)
	rules.Concurrency = cmp.Or(rules.Concurrency, 256)
	if rules.Transport == nil {
		rules.Transport = &http.Transport{
			MaxIdleConnsPerHost: rules.Concurrency,
			IdleConnTimeout:     30 * time.Second,
			TLSHandshakeTimeout: rules.FirstTimeout,
		}
	}
	return &courier{
		rules:      rules,
		defaultURL: defaultURL,
		clock:      clock,
		log:        log,
		slots:      make(chan struct{}, rules.Concurrency),
		client: &http.Client{
			Transport: rules.Transport,
			// A redirect is an answer outside 2xx like any other.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (c *courier) close() { c.client.CloseIdleConnections() }

// send sends one webhook, unless a fault has other plans for it.
func (g *Gateway) send(event webhookEvent, to string) {
	c := g.courier
	fault, _ := c.faults.take(OpWebhook, event.OrderID)
	if fault.lost {
		c.book.open(event, to, DeliveryLost, c.clock.Now())
		return
	}
	for range 1 + fault.extra {
		// What holds it back is set before this returns: who called may move the clock.
		held := c.hold(fault)
		d := c.book.open(event, to, held.state(), c.clock.Now())
		sent := g.background.spawn(func(ctx context.Context) {
			if held.await(ctx) {
				c.book.enter(d, DeliveryWaiting)
				c.deliver(ctx, d, held.turn)
			}
		})
		if !sent {
			held.stop()
		}
	}
}

// deliver sends a webhook until it is acknowledged, all attempts are used, or ctx ends.
func (c *courier) deliver(ctx context.Context, d *Delivery, turn int) {
	for n := 1; ; n++ {
		made := c.attempt(ctx, d, n)
		c.line.passed(turn)
		switch {
		case ctx.Err() != nil:
			return
		case c.acknowledges(made):
			c.book.record(d, made, DeliveryAcknowledged)
			return
		case n >= c.rules.Attempts:
			c.book.record(d, made, DeliveryFailed)
			c.log.WarnContext(ctx, "webhook given up", "order_id", d.OrderID, "attempts", n)
			return
		}
		// The alarm is set before the attempt is on record: who reads of it may move the clock.
		ring, stop := alarm(c.clock, c.rules.Interval)
		c.book.record(d, made, DeliveryWaiting)
		select {
		case <-ring:
		case <-ctx.Done():
			stop()
			return
		}
	}
}

// acknowledges reports whether the answer to an attempt ends the delivery.
func (c *courier) acknowledges(made Attempt) bool {
	if c.rules.Strict200 {
		return made.Status == http.StatusOK
	}
	return made.Status/100 == 2
}

// attempt sends a webhook once.
func (c *courier) attempt(ctx context.Context, d *Delivery, n int) Attempt {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return Attempt{}
	}
	limit := c.rules.Timeout
	if n == 1 {
		limit = c.rules.FirstTimeout
	}
	return c.post(ctx, d, limit)
}

func (c *courier) post(ctx context.Context, d *Delivery, limit time.Duration) Attempt {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	made := Attempt{At: c.clock.Now()}
	status, err := c.exchange(ctx, d.URL, d.Body)
	made.Status = status
	if err != nil {
		made.Error = err.Error()
	}
	return made
}

func (c *courier) exchange(ctx context.Context, to, body string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "sandbox-gateway")
	res, err := c.client.Do(req)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer res.Body.Close()
	// What is read lets the connection be used again; nobody wants it.
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
	return res.StatusCode, nil
}

// withoutURL drops the address from an error of the HTTP client: it may hold a receiver's token.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}
