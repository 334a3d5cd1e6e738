package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// WebhookRules say how webhooks are delivered. Fields left zero have the real gateway's values (CONTRACT 4.2).
type WebhookRules struct {
	FirstTimeout time.Duration // for the first attempt; 4 s
	Timeout      time.Duration // for each later attempt; 10 s
	Attempts     int           // the first included; 11
	Interval     time.Duration // from the end of an attempt to the next; 2 min

	// Concurrency is how many attempts may be under way at once; 256. An attempt's time limit begins when it may start.
	Concurrency int
	// Transport sends the webhooks; one without a proxy when nil.
	Transport http.RoundTripper
}

// webhookEvent is the body of a webhook (CONTRACT 4.1).
type webhookEvent struct {
	Event     string `json:"event"`
	OrderID   string `json:"order_id"`
	ProjectID string `json:"project_id"`
}

// courier delivers webhooks.
type courier struct {
	rules      WebhookRules
	defaultURL string
	clock      Clock
	log        *slog.Logger
	client     *http.Client
	slots      chan struct{}
	faults     board[WebhookFault]
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

// SendWebhook sends the webhook status_changed for an order, as every change does that the gateway makes by itself. The
// order need not exist: its webhook then goes to Config.WebhookURL, as a forged one would. Without a URL none is sent.
func (g *Gateway) SendWebhook(id string) {
	to := g.courier.defaultURL
	if o, err := g.orders.find(id); err == nil {
		to = cmp.Or(o.answer.Load().hook, to)
	}
	if to == "" {
		return
	}
	event := webhookEvent{Event: "status_changed", OrderID: id, ProjectID: g.projectID}
	fault, broken := g.courier.faults.take(opWebhook, id)
	if broken && fault.lost {
		g.courier.book.open(event, to, DeliveryLost, g.clock.Now())
		return
	}
	for range 1 + fault.extra {
		d := g.courier.book.open(event, to, DeliveryWaiting, g.clock.Now())
		g.background.spawn(func(ctx context.Context) { g.courier.deliver(ctx, event, d) })
	}
}

// deliver sends one webhook until it is acknowledged, all attempts are used, or ctx ends.
func (c *courier) deliver(ctx context.Context, event webhookEvent, d *Delivery) {
	body, err := json.Marshal(event)
	if err != nil { // cannot be: the event holds strings
		panic(err)
	}
	for n := 1; ; n++ {
		made := c.attempt(ctx, d.URL, body, n)
		switch {
		case ctx.Err() != nil:
			return
		case made.acknowledged():
			c.book.record(d, made, DeliveryAcknowledged)
			return
		case n >= c.rules.Attempts:
			c.book.record(d, made, DeliveryFailed)
			c.log.WarnContext(ctx, "webhook given up", "order_id", event.OrderID, "attempts", n)
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

// attempt sends a webhook once. Any answer with 2xx acknowledges it (CONTRACT 11, C2).
func (c *courier) attempt(ctx context.Context, to string, body []byte, n int) Attempt {
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
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	made := Attempt{At: c.clock.Now()}
	status, err := c.post(ctx, to, body)
	made.Status = status
	if err != nil {
		made.Error = err.Error()
	}
	return made
}

func (c *courier) post(ctx context.Context, to string, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
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
