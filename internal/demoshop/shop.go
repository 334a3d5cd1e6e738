// Package demoshop is a shop with one article, to see webhookd at work. It does what a shop should: it creates the
// order at the gateway, registers it at webhookd with what it expects, sends the customer to the gateway's payment
// page, and afterwards believes nobody but webhookd.
//
//	shop, err := demoshop.New(demoshop.Config{
//		PublicURL:  "http://127.0.0.1:3000",
//		GatewayURL: "http://127.0.0.1:8090", GatewayKey: "...",
//		ServiceURL: "http://127.0.0.1:8080", ServiceKey: "...",
//		WebhookURL: "http://127.0.0.1:8080/webhooks/costplus/...",
//	})
//	err = http.ListenAndServe("127.0.0.1:3000", shop)
//
// It keeps its orders in memory only and shows them to everybody, so it is for demonstrations and nothing else. With
// the sandbox's control address it also has a page where things are broken at the push of a button. Its pages speak
// English and Italian, and need no script: one keeps them up to date where it runs.
package demoshop

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// Config says where the shop is and whom it talks to. Addresses have scheme and host, and no slash at the end. All of
// them are required but WebhookURL and ControlURL.
type Config struct {
	// PublicURL is where customers reach the shop. The gateway sends them back to it.
	PublicURL string

	// GatewayURL is the gateway without its /v1. Its payment pages must have the same scheme and host (CONTRACT 1.1):
	// customers are sent nowhere else.
	GatewayURL string
	GatewayKey string // API key of the gateway

	// WebhookURL is where the gateway is to send the webhooks of the shop's orders: to webhookd. If it is empty the
	// gateway uses the one it was set up with.
	WebhookURL string

	ServiceURL string // webhookd, without its /v1
	ServiceKey string // API key of webhookd with the scope write

	// ControlURL is the sandbox gateway's other side, without its /sandbox, which breaks things and tells what became of
	// webhooks. If it is empty the shop has no pages for that.
	ControlURL string

	// Log receives what went wrong; nil drops it.
	Log *slog.Logger
}

// callTimeout bounds one call of the gateway or of webhookd.
const callTimeout = 10 * time.Second

// shop answers the customers.
type shop struct {
	publicURL  string
	webhookURL string
	gateway    gateway
	till       till
	service    *service
	control    *control // nil without a sandbox
	orders     book
	turns      turns // by order
	listLag    time.Duration
	languages  languages
	views      views
	log        *slog.Logger
}

// New returns the shop, without orders. The error says what is wrong with c.
func New(c Config) (http.Handler, error) {
	s, err := newShop(c)
	if err != nil {
		return nil, err
	}
	return s.routes(), nil
}

func newShop(c Config) (*shop, error) {
	client := &http.Client{
		// None of them redirects. If something between does, it gets no key and no order.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	cashier, err := newGateway(c.GatewayURL, c.GatewayKey, client)
	if err != nil {
		return nil, err
	}
	s := &shop{
		publicURL:  strings.TrimRight(c.PublicURL, "/"),
		webhookURL: c.WebhookURL,
		gateway:    cashier,
		till:       cashier,
		service:    newService(c.ServiceURL, c.ServiceKey, client),
		control:    newControl(c.ControlURL, client),
		listLag:    listLag,
		languages:  newLanguages(),
		views:      newViews(),
		log:        c.Log,
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// routes is the whole surface.
func (s *shop) routes() http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(s.refuseForeignForm))

	r := chi.NewRouter()
	r.Use(guard(s.gateway.origin), foreign.Handler, s.languages.remember, middleware.GetHead)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed)

	r.Get("/", s.product)
	r.Post("/pay", s.pay)
	r.Get("/order/{key}", s.order)
	r.Get("/order/{key}/state", s.orderState)
	r.Post("/order/{key}/refund", s.moveMoney(moveRefund))
	r.Post("/order/{key}/capture", s.moveMoney(moveCapture))
	r.Post("/order/{key}/void", s.moveMoney(moveVoid))
	r.Get("/orders", s.list)
	r.Get("/status/{id}", s.status)
	r.Get("/success", s.comeBack)
	r.Get("/failure", s.comeBack)
	r.Post("/webhook", s.webhook)
	r.Get("/healthz", s.health)
	if s.control != nil {
		r.Get("/faults", s.faults)
		r.Get("/faults/state", s.faultsState)
		r.Post("/faults", s.breakSomething)
	}
	r.Method(http.MethodGet, "/assets/*", s.assets())
	return r
}
