package main

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"webhookd/internal/gateway"
	"webhookd/internal/handler"
	"webhookd/internal/payment"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// TestWiring sets every variable that is passed on to another value than its default, and looks where it arrives.
func TestWiring(t *testing.T) {
	c, err := loadConfig([]string{
		"DATABASE_URL=postgres://localhost/db", "NOPAYN_API_KEY=key", "NOPAYN_MERCHANT_ID=merchant",
		"API_KEYS=a:read:0123456789abcdef,b:write+money:fedcba9876543210", "WEBHOOK_TOKENS=token-0123456789,token-9876543210",
		"TRUSTED_PROXIES=10.0.0.0/8", "WEBHOOK_RATE=7", "API_AUTH=off",
		"POLL_MIN_AGE=1s", "POLL_MIN_INTERVAL=2s", "POLL_MAX_INTERVAL=3s", "POLL_GIVE_UP=4s", "RECHECK_SETTLED=5s,6s",
		"SWEEP_INTERVAL=7s", "SWEEP_WINDOW=8s", "RETENTION_EVENTS=9s", "RETENTION_ORDERS=10s",
		"GATEWAY_RPS=11", "GATEWAY_CONCURRENCY=12", "GATEWAY_TIMEOUT=13s",
		"ALLOW_TEST_ORDERS=true", "REQUIRE_REGISTRATION=true",
	})
	if err != nil {
		t.Fatal(err)
	}
	wired(t, rules(c), store.Rules{
		Schedule: payment.Schedule{
			MinAge: time.Second, MinInterval: 2 * time.Second, MaxInterval: 3 * time.Second, GiveUp: 4 * time.Second,
			Recheck: []time.Duration{5 * time.Second, 6 * time.Second},
		},
		Policy: payment.Policy{AllowTestOrders: true, RequireRegistration: true},
		Lease:  23 * time.Second, // GATEWAY_TIMEOUT and ten seconds
	})
	wired(t, pollerConfig(c), poller.Config{
		Concurrency: 12, Lease: 23 * time.Second, SweepInterval: 7 * time.Second, SweepWindow: 8 * time.Second,
		RetentionEvents: 9 * time.Second, RetentionOrders: 10 * time.Second,
	})
	wired(t, gatewayConfig(c), gateway.Config{RPS: 11, Concurrency: 12, Timeout: 13 * time.Second})
	log := slog.New(slog.DiscardHandler)
	wired(t, handlerConfig(c, build{Version: "v1"}, log, nil), handler.Config{
		Keys: []handler.Key{
			{Name: "a", Scopes: handler.ScopeRead, Secret: "0123456789abcdef"},
			{Name: "b", Scopes: handler.ScopeRead | handler.ScopeWrite | handler.ScopeMoney, Secret: "fedcba9876543210"},
		},
		AuthOff: true, WebhookTokens: []string{"token-0123456789", "token-9876543210"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, WebhookRate: 7, Version: "v1", Log: log,
		LookTimeout: 18 * time.Second, // GATEWAY_TIMEOUT and five seconds
	})
}

func wired[T any](t *testing.T, got, want T) {
	t.Helper()
	ignore := cmp.Options{
		cmp.Comparer(func(a, b *slog.Logger) bool { return a == b }), cmpopts.EquateComparable(netip.Prefix{}),
	}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("%T (-want +got):\n%s", want, diff)
	}
}
