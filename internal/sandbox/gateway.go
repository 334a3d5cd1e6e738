// Package sandbox is a stand-in for the Cost+ payment gateway: its API, its hosted payment page and its webhooks, in
// memory and without money. Tests, the demo and people who write shops talk to it in the place of the real one.
//
//	g := sandbox.New(sandbox.Config{WebhookURL: "http://127.0.0.1:8080/webhooks/costplus"})
//	defer g.Close()
//	err := http.ListenAndServe("127.0.0.1:8090", g.Handler())
//
// It is written to the wire contract (CONTRACT.md) and not to any client, so that a client's mistakes show. Where the
// contract leaves something open, the doc comment at that place says what was chosen.
//
// Beside what a shop sees, a Gateway has levers. Some act as a customer or as the merchant portal would ([Gateway.Pay],
// [Gateway.Refund]), some bend what is stored ([Gateway.Edit]), and some make the API and the webhooks fail the way
// they do in the field ([Gateway.BreakBy], [Gateway.BreakWebhooksBy], [Gateway.HoldGET], [Gateway.StaleGET],
// [Gateway.Flood]). All of them may be used from any goroutine while requests are served. Package control has the same
// levers over HTTP.
package sandbox

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// DefaultAPIKey is the key of a Gateway that was given none. It opens nothing but sandboxes.
const DefaultAPIKey = "sandbox-key-0123456789abcdef"

// DefaultPublicURL is where a Gateway's links lead until it is told its address.
const DefaultPublicURL = "http://127.0.0.1:8090"

// Config says how a Gateway behaves. The zero value is a working gateway without webhooks.
type Config struct {
	// APIKey is the user name of Basic authentication (CONTRACT 1.2), DefaultAPIKey when empty. Any key is taken: whoever
	// starts a gateway with a key that people give keeps out real ones by [LooksReal], as the command sandbox does.
	APIKey     string
	ProjectID  string // sent in orders and webhooks; a new UUID when empty
	MerchantID string // sent in orders; a new UUID when empty

	// Production has the gateway behave as with a production website's key: orders lack the flag is-test, and test cards
	// are declined (CONTRACT 7).
	Production bool

	// PublicURL is scheme and host of the links the gateway hands out. DefaultPublicURL when empty; see also
	// [Gateway.SetPublicURL].
	PublicURL string

	// WebhookURL receives the webhooks of orders that name no URL of their own. Empty means that those send none.
	WebhookURL string
	Webhooks   WebhookRules

	RefundAnswer  RefundAnswer  // AnswerRefundOrder when empty; see also [Gateway.SetRefundAnswer]
	CaptureAnswer CaptureAnswer // AnswerOrder when empty; see also [Gateway.SetCaptureAnswer]

	// RefundDelay is how long a refund is under way, by the clock, before it is completed. Zero completes it at once;
	// see also [Gateway.SetRefundDelay].
	RefundDelay time.Duration

	// SeveralCaptures leaves what a capture does not take reserved, for further captures. Without it there is one
	// capture for an authorization, and the rest is released (CONTRACT 11, C11).
	SeveralCaptures bool

	// Seed is where the chance of faults begins: with the same seed, the same faults and the same calls, the same calls
	// go wrong. A random one when 0; see [Settings].
	Seed uint64

	Clock Clock        // the real one when nil
	Log   *slog.Logger // order changes at debug, webhooks given up at warn; nothing when nil
}

// Gateway is one sandbox with one project. Make it with [New] and end it with [Gateway.Close].
type Gateway struct {
	apiKey     string
	projectID  string
	merchantID string
	production bool
	seed       uint64
	publicURL  atomic.Pointer[string]

	clock   Clock
	log     *slog.Logger
	rules   rulebook
	manners manners

	severalCaptures bool

	orders     *orderStore
	links      *linkStore
	vault      *vault
	courier    *courier
	background *background
	faults     *board[Fault]
	calls      *callBook
	handler    http.Handler
}

// New returns a Gateway without orders.
func New(cfg Config) *Gateway {
	g := &Gateway{
		apiKey:     cmp.Or(cfg.APIKey, DefaultAPIKey),
		projectID:  cmp.Or(cfg.ProjectID, newID()),
		merchantID: cmp.Or(cfg.MerchantID, newID()),
		production: cfg.Production,
		seed:       cmp.Or(cfg.Seed, rand.Uint64()),
		clock:      cfg.Clock,
		log:        cfg.Log,
		rules:      newRulebook(),

		severalCaptures: cfg.SeveralCaptures,

		orders: newOrderStore(),
		links:  newLinkStore(),
		vault:  newVault(),
		calls:  newCallBook(),
	}
	if g.clock == nil {
		g.clock = systemClock{}
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	g.manners.set(cfg)
	g.SetPublicURL(cmp.Or(cfg.PublicURL, DefaultPublicURL))
	g.background = newBackground(g.clock)
	var numbers atomic.Uint64
	g.faults = newBoard[Fault](g.clock, g.seed, &numbers)
	g.courier = newCourier(cfg.WebhookURL, cfg.Webhooks, g.clock, g.log)
	g.courier.faults = newBoard[WebhookFault](g.clock, g.seed, &numbers)
	g.handler = g.routes()
	return g
}

// Handler serves the API under /v1, the hosted payment page under /pay and by its older address under /redirect, and
// payment links under /paymentlinks.
func (g *Gateway) Handler() http.Handler { return g.handler }

// Close ends what the gateway does on its own (webhooks, floods, expiry, what [Gateway.AfterFunc] was given, calls held
// by a fault) and returns when it has ended. Webhooks not yet acknowledged are not sent again. The handler goes on
// answering. Closing twice does no harm.
func (g *Gateway) Close() {
	for _, o := range g.orders.all() {
		o.disarm()
	}
	g.background.close()
	g.courier.close()
}

// SetPublicURL sets scheme and host of the links in orders made from now on, for a listener that learns its address
// only when it listens. A trailing slash does not matter.
func (g *Gateway) SetPublicURL(url string) {
	url = strings.TrimRight(url, "/")
	g.publicURL.Store(&url)
}

// change applies step to an order and publishes the result: modified moves, the next GET shows it, and its timer follows
// its deadline. A step that returns an error must have changed nothing.
func (g *Gateway) change(id string, step func(o *order, now time.Time) error) error {
	o, err := g.orders.find(id)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now := g.clock.Now()
	if err := step(o, now); err != nil {
		return fmt.Errorf("order %s: %w", id, err)
	}
	if err := o.publish(now); err != nil {
		return fmt.Errorf("order %s: %w", id, err)
	}
	g.rearm(o)
	g.log.Debug("order changed", "order_id", id, "status", o.doc.text("status"))
	return nil
}

// changeAndTell is change followed by the webhook that says so. Every change of an order's state goes this way, whoever
// asked for it, so that it is told once.
func (g *Gateway) changeAndTell(id string, step func(o *order, now time.Time) error) error {
	if err := g.change(id, step); err != nil {
		return err
	}
	g.SendWebhook(id)
	return nil
}
