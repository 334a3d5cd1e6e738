package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"webhookd/internal/gateway"
	"webhookd/internal/handler"
	"webhookd/internal/listener"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/payment"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// leaseMargin is what a look may take beyond the gateway's time limit, waiting for its turn and its commit.
const leaseMargin = 10 * time.Second

// lookMargin is what a request that waits for the gateway may take beyond the gateway's time limit.
const lookMargin = 5 * time.Second

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

func gatewayConfig(c config) gateway.Config {
	return gateway.Config{RPS: c.GatewayRPS, Concurrency: c.GatewayConcurrency, Timeout: c.GatewayTimeout}
}

func pollerConfig(c config) poller.Config {
	return poller.Config{
		Concurrency: c.GatewayConcurrency, Lease: lease(c), SweepInterval: c.SweepInterval,
		SweepWindow: c.SweepWindow, RetentionEvents: c.RetentionEvents, RetentionOrders: c.RetentionOrders,
	}
}

func handlerConfig(c config, version build, log *slog.Logger, reg prometheus.Registerer) handler.Config {
	h := handler.Config{
		AuthOff: !bool(c.APIAuth), TrustedProxies: c.TrustedProxies, WebhookRate: c.WebhookRate,
		LookTimeout: min(c.GatewayTimeout+lookMargin, listener.WriteTimeout-lookMargin),
		Version:     version.Version, Log: log, Metrics: reg, WebhookTokens: c.WebhookTokens.reveal(),
	}
	for _, k := range c.APIKeys {
		h.Keys = append(h.Keys, handler.Key{Name: k.Name, Scopes: scopes(k.Scopes), Secret: k.Secret.reveal()})
	}
	return h
}

// operationConfig has new orders send their webhooks to us, by the first of our tokens.
func operationConfig(c config, client *nopayn.Client, wake func()) operation.Config {
	o := operation.Config{Timeout: c.GatewayTimeout, Sign: client.GenerateSignature, Wake: wake}
	if c.PublicURL != "" {
		o.WebhookURL = c.PublicURL + handler.WebhookPath
		if len(c.WebhookTokens) > 0 {
			o.WebhookURL += "/" + url.PathEscape(c.WebhookTokens[0].reveal())
		}
	}
	return o
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
