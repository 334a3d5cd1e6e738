package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/IBM/pgxpoolprometheus"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"webhookd/internal/gateway"
	"webhookd/internal/handler"
	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

const (
	// leaseMargin is what a look may take beyond the gateway's time limit, waiting for its turn and its commit.
	leaseMargin = 10 * time.Second
	// migrateRetry spaces the attempts to reach the database at start.
	migrateRetry = time.Second
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
	reg := newRegistry(version)
	ready := &readiness{}

	admin, err := listen(w.ctx, c.AdminAddr, adminHandler(ready, reg, version), log)
	if err != nil {
		return fmt.Errorf("ADMIN_ADDR: %w", err)
	}
	defer admin.close()
	log.Info("admin listener is up", "addr", admin.addr())
	if err := migrate(w.ctx, c, log); err != nil {
		return err
	}
	pool, err := store.Open(w.ctx, c.DatabaseURL.reveal(), int(c.DBMaxConns))
	if err != nil {
		return err
	}
	defer pool.Close()
	return serve(w.ctx, c, pool, reg, ready, log)
}

// serve wires the service on an open pool and runs it until ctx ends.
func serve(
	ctx context.Context, c config, pool *pgxpool.Pool, reg *prometheus.Registry, ready *readiness, log *slog.Logger,
) error {
	reg.MustRegister(pgxpoolprometheus.NewCollector(pool, nil))
	client, err := nopayn.New(nopayn.Config{
		APIKey: c.NopaynAPIKey.reveal(), MerchantID: c.NopaynMerchantID, BaseURL: c.NopaynBaseURL,
		UserAgent: "webhookd/" + readBuild().Version,
	})
	if err != nil {
		return err
	}
	gw := gateway.New(client, gateway.Config{
		RPS: c.GatewayRPS, Concurrency: c.GatewayConcurrency, Timeout: c.GatewayTimeout,
	}, log, reg)
	st := store.New(pool, rules(c), log, store.NewMetrics(reg))
	defer st.Close()
	poll := poller.New(st, gw, poller.Config{
		Concurrency: c.GatewayConcurrency, Lease: lease(c), SweepInterval: c.SweepInterval,
		SweepWindow: c.SweepWindow, RetentionEvents: c.RetentionEvents, RetentionOrders: c.RetentionOrders,
	}, log, reg)
	public := handler.New(handlerConfig(c, log, reg), st.NewIntake(poll), st)

	polling, stopPolling := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPolling()
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		poll.Run(polling)
	}()
	ready.start(checks(st, poll)...)

	server, err := listen(ctx, c.ListenAddr, public, log)
	if err != nil {
		stopPolling()
		<-polled
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	log.Info("serving", "addr", server.addr())
	err = server.wait(ctx)
	return errors.Join(err, stop(c.ShutdownTimeout, ready, server, stopPolling, polled, log))
}

// stop ends the service in order, within the time that the operator gives it.
func stop(
	timeout time.Duration, ready *readiness, server *listener, stopPolling func(), polled <-chan struct{},
	log *slog.Logger,
) error {
	log.Info("stopping")
	ready.drain()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := server.shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("requests were cut off: %w", err)
	}
	stopPolling()
	select {
	case <-polled:
	case <-ctx.Done():
		// Nothing is lost: what is in hand is due again when its lease is over.
		err = errors.Join(err, errors.New("looks were cut off: SHUTDOWN_TIMEOUT is over"))
	}
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// migrate brings the schema up to date, if it may. While the database cannot be reached it waits for it, as long as
// ctx lasts: whoever restarts us because of that gains nothing.
func migrate(ctx context.Context, c config, log *slog.Logger) error {
	if !c.Migrate {
		return nil
	}
	for {
		steps, err := store.Migrate(ctx, c.DatabaseURL.reveal())
		switch {
		case err == nil:
			log.Info("schema is up to date", "migrations_applied", steps)
			return nil
		case ctx.Err() != nil || !store.Unavailable(err):
			return err
		}
		log.Warn("waiting for the database", "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(migrateRetry):
		}
	}
}

func lease(c config) time.Duration { return c.GatewayTimeout + leaseMargin }

func rules(c config) store.Rules {
	return store.Rules{
		Schedule: payment.Schedule{
			MinAge: c.PollMinAge, MinInterval: c.PollMinInterval, MaxInterval: c.PollMaxInterval,
			GiveUp: c.PollGiveUp, Recheck: c.RecheckSettled,
		},
		Policy: payment.Policy{
			AllowTestOrders: c.AllowTestOrders, RequireRegistration: c.RequireRegistration,
		},
		Lease: lease(c),
	}
}

func handlerConfig(c config, log *slog.Logger, reg prometheus.Registerer) handler.Config {
	h := handler.Config{
		AuthOff: !bool(c.APIAuth), TrustedProxies: c.TrustedProxies, WebhookRate: c.WebhookRate,
		Version: readBuild().Version, Log: log, Metrics: reg,
	}
	for _, token := range c.WebhookTokens {
		h.WebhookTokens = append(h.WebhookTokens, token.reveal())
	}
	for _, k := range c.APIKeys {
		h.Keys = append(h.Keys, handler.Key{Name: k.Name, Scopes: scopes(k.Scopes), Secret: k.Secret.reveal()})
	}
	return h
}

// checks are what readiness asks.
func checks(st *store.Store, poll *poller.Poller) []readinessCheck {
	started := time.Now()
	return []readinessCheck{
		{"database", st.Ping},
		{"migrations", func(ctx context.Context) error {
			current, err := st.SchemaCurrent(ctx)
			if err == nil && !current {
				err = errors.New("migrations are missing")
			}
			return err
		}},
		{"poller", func(context.Context) error {
			last := poll.LastRound()
			if last.Before(started) {
				last = started // it has yet to come to its first round
			}
			if time.Since(last) > roundTimeout {
				return errors.New("the poller does not get on")
			}
			return nil
		}},
	}
}

func newLogger(c config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func newRegistry(b build) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "webhookd_build_info", Help: "1, with what runs as labels.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "goversion": b.Go},
	})
	info.Set(1)
	reg.MustRegister(info)
	return reg
}
