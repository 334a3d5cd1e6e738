package main

import (
	"fmt"
	"slices"
	"time"
)

// check is what one variable has to fulfil. A variable that could not be parsed is reported as such, so ok may be
// anything for it; it must hold for any other value when a variable that it is compared with could not be parsed.
type check struct {
	variable string
	ok       bool
	expected string
}

func (c check) problem(wrong string) string {
	return fmt.Sprintf("%s: %s; expected %s", c.variable, wrong, c.expected)
}

// checks returns one check for every variable, in the order of the fields.
func (c config) checks() []check {
	return slices.Concat(c.addressChecks(), c.accessChecks(), c.scheduleChecks(), c.limitChecks())
}

func (c config) addressChecks() []check {
	return []check{
		{"DATABASE_URL", isDSN(c.DatabaseURL.reveal()), "a Postgres URL (postgres://...) or keyword=value string"},
		{"NOPAYN_API_KEY", isGatewayKey(c.NopaynAPIKey.reveal()), "the gateway's API key, without spaces or colon"},
		{"NOPAYN_MERCHANT_ID", isVisible(c.NopaynMerchantID), "the gateway's project id, without spaces"},
		{"NOPAYN_BASE_URL", isWebURL(c.NopaynBaseURL), "an http or https URL without password or query"},
		{"PUBLIC_URL", c.PublicURL == "" || isWebURL(c.PublicURL), "an http or https URL without password or query"},
		{"LISTEN_ADDR", isListenAddr(c.ListenAddr), "host:port or :port, such as :8080"},
		{
			"ADMIN_ADDR", isListenAddr(c.AdminAddr) && (c.AdminAddr != c.ListenAddr || isAnyPort(c.AdminAddr)),
			"host:port or :port other than LISTEN_ADDR, such as :9090",
		},
	}
}

func (c config) accessChecks() []check {
	return []check{
		{"API_KEYS", len(c.APIKeys) > 0 || !bool(c.APIAuth), "name:scopes:secret, separated by commas, with scopes " +
			"joined by + out of read, write, money and secrets of 16 characters or more, or else API_AUTH=off"},
		{"API_AUTH", true, "on or off"},
		{"WEBHOOK_TOKENS", true, "different tokens of 16 or more characters A-Z a-z 0-9 - _ . ~, separated by commas"},
		{"TRUSTED_PROXIES", true, "addresses and CIDR ranges, separated by commas, such as 10.0.0.0/8,192.0.2.7"},
		{"WEBHOOK_RATE", within(c.WebhookRate, 0, 1_000_000), "a whole number from 0 (no limit) to 1000000"},
	}
}

func (c config) scheduleChecks() []check {
	return []check{
		{"POLL_MIN_AGE", c.PollMinAge >= 0, "a duration of 0 or more, such as 10m"},
		{"POLL_MIN_INTERVAL", c.PollMinInterval > 0, "a duration above 0, such as 1m"},
		{
			"POLL_MAX_INTERVAL", c.PollMaxInterval > 0 && c.PollMaxInterval >= c.PollMinInterval,
			"a duration not shorter than POLL_MIN_INTERVAL, such as 6h",
		},
		{"POLL_GIVE_UP", c.PollGiveUp >= 0, "a duration such as 336h, or 0 for never"},
		{"SWEEP_INTERVAL", c.SweepInterval >= 0, "a duration such as 10m, or 0 for off"},
		{"SWEEP_WINDOW", c.SweepWindow >= 0, "a duration such as 2h, or 0 for off"},
		{"RECHECK_SETTLED", true, "ascending durations separated by commas, such as 24h,168h,720h, or 0 for off"},
	}
}

func (c config) limitChecks() []check {
	return []check{
		{"GATEWAY_RPS", c.GatewayRPS > 0 && c.GatewayRPS <= 10_000, "a number above 0, up to 10000, such as 50 or 0.5"},
		{"GATEWAY_CONCURRENCY", within(c.GatewayConcurrency, 1, 1000), "a whole number from 1 to 1000"},
		{
			"GATEWAY_TIMEOUT", c.GatewayTimeout > 0 && c.GatewayTimeout <= 5*time.Minute,
			"a duration above 0, up to 5m, such as 10s",
		},
		{"ALLOW_TEST_ORDERS", true, "true or false"},
		{"REQUIRE_REGISTRATION", true, "true or false"},
		{"RETENTION_EVENTS", c.RetentionEvents >= 0, "a duration such as 8760h, or 0 to keep them"},
		{"RETENTION_ORDERS", c.RetentionOrders >= 0, "a duration such as 8760h, or 0 to keep them"},
		{"DB_MAX_CONNS", within(c.DBMaxConns, 2, 10_000), "a whole number from 2 to 10000"},
		{"MIGRATE", true, "on or off"},
		{"SHUTDOWN_TIMEOUT", c.ShutdownTimeout > 0, "a duration above 0, such as 25s"},
		{"LOG_LEVEL", true, "debug, info, warn or error"},
		{"LOG_FORMAT", c.LogFormat == "json" || c.LogFormat == "text", "json or text"},
	}
}

func within[T int | int32](n, low, high T) bool { return low <= n && n <= high }
