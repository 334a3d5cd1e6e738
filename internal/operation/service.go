// Package operation moves money at the gateway when the shop says so: refunds, captures, voids and new orders. What it
// promises is that nothing is done twice (DESIGN 2, promise 7).
//
// The gateway has no idempotency key (CONTRACT 1.3), so the promise is kept here. An operation goes through these
// steps, each committed before the next is taken:
//
//	intended   in Postgres, under the shop's Idempotency-Key; one at a time for each order
//	prepared   the order was read at the gateway, and nothing speaks against it
//	sent       from here on it may have happened: what had been moved before is noted
//	over       done or refused, as the gateway answered
//
// It is sent at most once. If no answer comes, or the process dies, its outcome is unknown, and [Service.Run] finds out
// by reading: it carries a reference of ours, and the order shows what has been moved. It is never sent again.
package operation

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// Store keeps operations; *store.Store is one, and says what its methods promise.
type Store interface {
	BeginOperation(ctx context.Context, i store.Intent, lease time.Duration) (store.Operation, *store.Ticket, error)
	SendOperation(ctx context.Context, t *store.Ticket, amount int64, before []byte, lease time.Duration) error
	ReleaseOperation(ctx context.Context, t *store.Ticket) error
	FinishOperation(ctx context.Context, t *store.Ticket, e store.Ending) (store.Operation, error)
	FinishCreate(ctx context.Context, t *store.Ticket, o *nopayn.Order) (store.Order, error)
	ClaimOperations(ctx context.Context, n int, lease time.Duration) ([]*store.Ticket, error)
	Operation(ctx context.Context, key string) (store.Operation, error)
	Followed(ctx context.Context, t *store.Ticket) (bool, error)
	RefundsOf(ctx context.Context, orderID string) ([]string, error)
	RefundedBy(ctx context.Context, orderID string) (int64, error)
	Created(ctx context.Context, orderID string) (store.Order, *nopayn.Order, error)
	MaybeCreated(ctx context.Context, t *store.Ticket) ([]*nopayn.Order, error)
}

// Gateway is where money moves; *gateway.Gateway is one.
type Gateway interface {
	Order(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error)
	Orders(ctx context.Context, since, until time.Time) ([]nopayn.Order, error)
	CreateOrder(ctx context.Context, o nopayn.NewOrder) (*nopayn.Order, error)
	CreateRefund(ctx context.Context, orderID string, r nopayn.NewRefund) (*nopayn.Refund, error)
	Capture(ctx context.Context, orderID, transactionID string, m nopayn.Movement) (*nopayn.Moved, error)
	Void(ctx context.Context, orderID, transactionID string, m nopayn.Movement) (*nopayn.Moved, error)
}

// Config is how the service works.
type Config struct {
	// Timeout is that of one call of the gateway. A call may wait as long for its turn.
	Timeout time.Duration
	// WebhookURL goes into every new order; empty means that orders cannot be created here.
	WebhookURL string
	// Sign signs an order's amount and currency with its id, as the official SDKs do (CONTRACT 6).
	Sign func(amount int64, currency, orderID string) string
	// Wake tells that an operation has made orders due. It returns at once.
	Wake func()
}

// Service carries operations out. Use New.
type Service struct {
	store   Store
	gateway Gateway
	config  Config
	log     *slog.Logger
	metrics *metrics
	lost    chan struct{} // an outcome has become unknown
	reading chan struct{} // holds one who reads what may be a lost create's order
}

// New returns a service whose figures are registered with reg.
func New(s Store, g Gateway, c Config, log *slog.Logger, reg prometheus.Registerer) *Service {
	return &Service{
		store: s, gateway: g, config: c, log: log, metrics: newMetrics(reg),
		lost: make(chan struct{}, 1), reading: make(chan struct{}, 1),
	}
}

// leaseMargin is what a step may take beyond its calls of the gateway: for commits on a slow database.
const leaseMargin = 10 * time.Second

// lease is how long a step of an operation is ours: long enough for two calls, each with the wait for its turn.
func (s *Service) lease() time.Duration { return 4*s.config.Timeout + leaseMargin }
