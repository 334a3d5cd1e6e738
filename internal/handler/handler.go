// Package handler is webhookd's HTTP surface: it takes webhooks in and answers questions about orders (DESIGN 7).
//
// A webhook is a plain handler: nothing of it is kept but an order id, and its answer goes out once that is committed.
// The rest, under /v1, is described to huma in Go types, which check every request and make the OpenAPI document.
//
// Whatever is refused, by us, by huma or by the router, leaves as application/problem+json (RFC 9457) with one of the
// codes in problem.go. An inner error's text goes to the log, once, and never to a client. Each request is one log
// line, which holds no secret, no token, no raw path and no query.
package handler

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/feed"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/store"
)

// Config is what the operator decides. Its zero value lets nobody read and anybody post webhooks.
type Config struct {
	// Keys are the callers of /v1. Without any, every call is answered 401.
	Keys []Key
	// AuthOff lets everybody do everything, whatever Keys says.
	AuthOff bool
	// WebhookTokens are the secret last elements of the webhooks' path, each of them valid. Without any, the path has
	// no such element.
	WebhookTokens []string
	// TrustedProxies are believed in what they say of a client's address, by X-Forwarded-For. Without any, the client is
	// whoever opened the connection.
	TrustedProxies []netip.Prefix
	// WebhookRate bounds the webhooks of one source in a second; 0 is no limit.
	WebhookRate int
	// LookTimeout bounds how long a request waits for the gateway. It should be longer than one call to the gateway may
	// take; 0 means 15 seconds.
	LookTimeout time.Duration
	// Version is the service's own, for the OpenAPI document.
	Version string
	// Log is required.
	Log *slog.Logger
	// Metrics is where the package's figures are registered; nil is nowhere.
	Metrics prometheus.Registerer
}

// Hinter records webhooks. *store.Intake is one.
type Hinter interface {
	// Hint returns nil once it is committed that a webhook named the order. It returns when ctx ends at the latest.
	Hint(ctx context.Context, id string) error
}

// Orders is what is known of orders. *store.Store is one, and says what its methods promise.
type Orders interface {
	Order(ctx context.Context, id string) (store.Order, error)
	Orders(ctx context.Context, f store.Filter, after store.Cursor, limit int) ([]store.Order, *store.Cursor, error)
	MerchantOrder(ctx context.Context, ref string) (store.MerchantOrder, error)
	Operation(ctx context.Context, key string) (store.Operation, error)
	History(ctx context.Context, id string, after int64, limit int) ([]store.Event, error)
	Events(ctx context.Context, feed string, after int64, limit int) (store.Page, error)
	Register(ctx context.Context, id string, e store.Expected) (store.Registration, error)
}

// Refresher has orders looked at while a client waits. *poller.Poller is one.
type Refresher interface {
	// Refresh returns nil once an answer of the gateway about the order is stored that was asked for no longer than
	// maxAge ago, or that was on its way when it was called. Otherwise it is store.ErrNotFound, if the gateway knows no
	// such order, a *store.LookError or an error of the store. It returns when ctx ends at the latest.
	Refresh(ctx context.Context, id string, maxAge time.Duration) error
}

// Operations has money moved and orders made. *operation.Service is one, and says what its methods promise.
type Operations interface {
	Move(ctx context.Context, a operation.Ask) (op store.Operation, first bool, err error)
	Create(ctx context.Context, key string, o nopayn.NewOrder) (made operation.Created, first bool, err error)
}

// Backend does the work behind the surface.
type Backend struct {
	Hints  Hinter
	Orders Orders
	Looks  Refresher
	Money  Operations
	Feed   *feed.Tail
}

// New returns the public surface of b. It answers in less than five seconds, beyond what a client asks it to wait, and
// beyond Config.LookTimeout where it waits for the gateway, whatever b does, as long as that returns when its context
// ends.
func New(c Config, b Backend) http.Handler {
	if c.LookTimeout == 0 {
		c.LookTimeout = 15 * time.Second
	}
	return routes(
		c,
		&intake{
			hints: b.Hints, tokens: newTokens(c.WebhookTokens), limit: newLimiter(c.WebhookRate),
			metrics: newIntakeMetrics(c.Metrics),
		},
		&api{Backend: b, keys: newKeys(c.Keys), authOff: c.AuthOff, lookTimeout: c.LookTimeout},
	)
}
