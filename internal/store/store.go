// Package store keeps what webhookd knows in Postgres: which orders are due for a look (checks), what is known of
// them (orders) and what happened (events).
//
// The work flows one way. [Intake.Hint] records that a webhook named an order; [Store.ClaimDue] hands out orders that
// are due, under a lease; [Store.Apply] stores what the gateway answered, with the events it causes, in one
// transaction. Hints and answers that arrive while a commit is under way share the next one.
//
// Locks are always taken in this order, so that writers cannot block each other for ever: checks rows by id, orders
// rows by id, one advisory lock for each merchant reference that became paid, and last the feed's row.
//
// The only clock is the database's.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/payment"
)

// ErrNotFound is returned for an order that is neither confirmed by the gateway nor registered by the shop.
var ErrNotFound = errors.New("no such order")

const (
	// commitTimeout bounds one shared commit, and a webhook's wait for it. It stays below the four seconds that the
	// gateway gives a webhook (CONTRACT 4.2), so that a database that hangs is answered with a 503 in time.
	commitTimeout = 3 * time.Second
	// upkeepTimeout bounds each statement or transaction of the poller's loops, which have no deadline of their own.
	upkeepTimeout = 10 * time.Second
	// tries bounds how often a transaction is tried that met another one.
	tries = 3
	// beginQuery begins a transaction that the server ends if we fall silent in it for longer than a commit may take.
	// Otherwise a replica that is frozen while it holds the feed's row would stop all others for as long.
	beginQuery = "begin; set local idle_in_transaction_session_timeout = '5s'"
)

// Rules are the operator's decisions that the store applies.
type Rules struct {
	Schedule payment.Schedule
	Policy   payment.Policy
	Lease    time.Duration // how long a claimed order stays hidden from others
}

// Store is the service's memory. Use New.
type Store struct {
	pool       *pgxpool.Pool
	rules      Rules
	log        *slog.Logger
	jitter     func() float64 // between -1 and 1
	results    *groupCommit[Result, applied]
	flushes    sync.WaitGroup
	metrics    *Metrics
	told       func()        // called after each commit that wrote events
	commitTime time.Duration // commitTimeout, save in tests of something else

	unreadable atomic.Bool // there is a document that cannot be read, and the log says so
}

// New returns a store on pool, which the caller closes after Close.
func New(pool *pgxpool.Pool, rules Rules, log *slog.Logger, m *Metrics) *Store {
	s := &Store{pool: pool, rules: rules, log: log, metrics: m, told: func() {}, commitTime: commitTimeout}
	s.jitter = func() float64 { return 2*rand.Float64() - 1 }
	s.results = newGroupCommit(&s.flushes, s.applyBatch, m.answers, s.commitTime, 1) // they take turns at the feed
	return s
}

// OnEvents has f called after each commit of this store that wrote events. It must be called before the store is used.
// Whoever waits for the commit waits for f too.
func (s *Store) OnEvents(f func()) { s.told = f }

// tell calls what OnEvents was given, once changes are committed.
func (s *Store) tell(changes ...*change) {
	if slices.ContainsFunc(changes, func(c *change) bool { return len(c.events) > 0 }) {
		s.told()
	}
}

// Close waits for the commits under way.
func (s *Store) Close() {
	s.flushes.Wait()
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

// inTx runs f in a transaction, and again if it lost against another one.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: beginQuery}, f)
		if try == tries || !lostRace(err) {
			return err
		}
	}
}

// lostRace reports whether a transaction failed only because of its neighbours (a deadlock, a serialization failure),
// so that it may be tried again at once.
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "40")
}
