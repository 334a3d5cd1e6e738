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

	"github.com/prometheus/client_golang/prometheus"

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
	History(ctx context.Context, id string, after int64, limit int) ([]store.Event, error)
	Events(ctx context.Context, feed string, after int64, limit int) (store.Page, error)
	Register(ctx context.Context, id string, e store.Expected) (store.Registration, error)
}

// New returns the public surface. It answers in less than five seconds, whatever hints and orders do, as long as they
// return when their context ends.
func New(c Config, hints Hinter, orders Orders) http.Handler {
	return routes(
		c,
		&intake{
			hints: hints, tokens: newTokens(c.WebhookTokens), limit: newLimiter(c.WebhookRate),
			metrics: newIntakeMetrics(c.Metrics),
		},
		&api{orders: orders, keys: newKeys(c.Keys), authOff: c.AuthOff},
	)
}
