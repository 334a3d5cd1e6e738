package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/IBM/pgxpoolprometheus"
	"github.com/jackc/pgx/v5/pgxpool"

	"webhookd/internal/feed"
	"webhookd/internal/gateway"
	"webhookd/internal/handler"
	"webhookd/internal/listener"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

const (
	// migrateRetry spaces the attempts to reach the database at start.
	migrateRetry = time.Second
	// migrateTimeout bounds one of them, with the wait for another replica that migrates.
	migrateTimeout   = 5 * time.Minute
	adminConnections = 200
)

type serveCommand struct{}

// Run serves until ctx ends, and stops in order: it stops taking requests, answers those in hand, lets the poller
// finish what it holds, and closes the pool.
func (serveCommand) Run(w *world) error {
	c, err := loadConfig(w.environ)
	if err != nil {
		return err
	}
	log := newLogger(c, w.stderr)
	version := readBuild()
	log.Info("starting", "version", version.Version, "revision", version.Revision, "config", c)
	for _, warning := range c.warnings() {
		log.Warn(warning)
	}
	pool, err := store.Open(w.ctx, c.DatabaseURL.reveal(), int(c.DBMaxConns))
	if err != nil {
		return err
	}
	defer pool.Close()
	s, err := newService(c, pool, version, log)
	if err != nil {
		return err
	}
	defer s.store.Close()
	return s.serve(w.ctx)
}

// service is the wired program.
type service struct {
	config config
	log    *slog.Logger
	ready  *readiness
	store  *store.Store
	poller *poller.Poller
	money  *operation.Service
	feed   *feed.Tail
	public http.Handler
	admin  http.Handler

	publicRoom, adminRoom *listener.Connections
}

// newService wires the service on an open pool. Nothing runs yet.
func newService(c config, pool *pgxpool.Pool, version build, log *slog.Logger) (*service, error) {
	reg := newRegistry(version)
	reg.MustRegister(pgxpoolprometheus.NewCollector(pool, nil))
	client, err := nopayn.New(nopayn.Config{
		APIKey: c.NopaynAPIKey.reveal(), MerchantID: c.NopaynMerchantID, BaseURL: c.NopaynBaseURL,
		UserAgent: "webhookd/" + version.Version, Secrets: c.WebhookTokens.reveal(),
	})
	if err != nil {
		return nil, err
	}
	gw := gateway.New(client, gatewayConfig(c), log, reg)
	st := store.New(pool, rules(c), log, store.NewMetrics(reg))
	poll := poller.New(st, gw, pollerConfig(c), log, reg)
	live := feed.New(st, log, reg)
	st.OnEvents(live.Wake)
	money := operation.New(st, gw, operationConfig(c, client, poll.Wake), log, reg)
	ready := &readiness{log: log}
	return &service{
		config: c, log: log, ready: ready, store: st, poller: poll, money: money, feed: live,
		public: handler.New(handlerConfig(c, version, log, reg), handler.Backend{
			Hints: st.NewIntake(poll), Orders: st, Looks: poll, Money: money, Feed: live,
		}),
		admin:      adminHandler(ready, reg, version),
		publicRoom: listener.NewConnections("public", listener.PublicConnections, c.TrustedProxies, handler.Network, reg),
		adminRoom:  listener.NewConnections("admin", adminConnections, nil, handler.Network, reg),
	}, nil
}

// serve runs the service until ctx ends or a part of it fails. The listeners are up from the first moment on, so that
// a webhook that comes while the database is away is answered 503 and sent again.
func (s *service) serve(ctx context.Context) error {
	admin, err := listener.Listen(ctx, s.config.AdminAddr, s.admin, s.adminRoom, s.log)
	if err != nil {
		return fmt.Errorf("ADMIN_ADDR: %w", err)
	}
	defer admin.Close()
	s.log.Info("admin listener is up", "addr", admin.Addr())
	public, err := listener.Listen(ctx, s.config.ListenAddr, s.public, s.publicRoom, s.log)
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	s.log.Info("serving", "addr", public.Addr())

	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	work := s.startWork(working)
	select {
	case <-ctx.Done():
	case err = <-public.Failed():
	case err = <-admin.Failed():
	case <-work.done:
		err = work.err
	}
	return errors.Join(err, s.stop(public, stopWork, work))
}

// work is what goes on beside the listeners.
type work struct {
	done chan struct{}
	err  error // once done is closed
}

// startWork brings the schema up to date, and then polls, follows the feed and finds out what came of operations, until
// ctx ends.
func (s *service) startWork(ctx context.Context) *work {
	w := &work{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		if w.err = s.migrate(ctx); w.err != nil || ctx.Err() != nil {
			return
		}
		s.ready.start(checks(s.store, s.poller)...)
		var loops sync.WaitGroup
		loops.Go(func() { s.feed.Run(ctx) })
		loops.Go(func() { s.money.Run(ctx) })
		loops.Go(func() { s.poller.Run(ctx) })
		loops.Wait()
	}()
	return w
}

// stop ends the service in order, within the time that the operator gives it. Slow clients may use up half of it.
func (s *service) stop(public *listener.Listener, stopWork func(), w *work) error {
	s.log.Info("stopping")
	s.ready.drain()
	s.feed.Drain() // or streams would hold up the listener
	ctx, cancel := context.WithTimeout(context.Background(), s.config.ShutdownTimeout)
	defer cancel()
	draining, drained := context.WithTimeout(ctx, s.config.ShutdownTimeout/2)
	defer drained()
	err := public.Shutdown(draining)
	if err != nil {
		err = fmt.Errorf("requests were cut off: %w", err)
	}
	stopWork()
	select {
	case <-w.done:
	case <-ctx.Done():
		// Nothing is lost: what is in hand is due again when its lease is over.
		err = errors.Join(err, errors.New("looks were cut off: SHUTDOWN_TIMEOUT is over"))
	}
	if err == nil {
		s.log.Info("stopped")
	}
	return err
}

// migrate brings the schema up to date, if it may. While the database cannot be reached it waits for it, as long as
// ctx lasts: whoever restarts us because of that gains nothing.
func (s *service) migrate(ctx context.Context) error {
	for s.config.Migrate && ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, migrateTimeout)
		steps, err := store.Migrate(attempt, s.config.DatabaseURL.reveal())
		cancel()
		switch {
		case err == nil:
			s.log.Info("schema is up to date", "migrations_applied", steps)
			return nil
		case ctx.Err() == nil && !store.Unavailable(err):
			return err
		}
		s.log.Warn("waiting for the database", "err", err) // or stopped meanwhile, which is no failure
		select {
		case <-ctx.Done():
		case <-time.After(migrateRetry):
		}
	}
	return nil
}
