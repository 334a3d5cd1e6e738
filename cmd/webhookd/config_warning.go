package main

import (
	"net/netip"
	"slices"
	"time"
)

// warnings returns, one sentence each, what is allowed but risky or likely not meant. None holds a secret.
func (c config) warnings() []string {
	var all []string
	for _, w := range slices.Concat(c.accessWarnings(), c.gatewayWarnings()) {
		if w.applies {
			all = append(all, w.text)
		}
	}
	for _, name := range c.unknown {
		all = append(all, name+" is set, but webhookd knows no such variable: is it misspelt?")
	}
	return all
}

type warning struct {
	applies bool
	text    string
}

func (c config) accessWarnings() []warning {
	open := !bool(c.APIAuth)
	trustsAll := slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return p.Bits() == 0 })
	return []warning{
		{isPlainRemote(c.PublicURL), "PUBLIC_URL is plain http: webhooks and their token cross the network unencrypted"},
		{open, "API_AUTH=off: whoever reaches LISTEN_ADDR can read every order and move money"},
		{open && len(c.APIKeys) > 0, "API_KEYS is set but not used, because of API_AUTH=off"},
		{len(c.WebhookTokens) == 0, "WEBHOOK_TOKENS is not set: anybody can post webhooks, which changes no order " +
			"but uses up calls to the gateway"},
		{trustsAll, "TRUSTED_PROXIES holds a range of all addresses: clients can choose the address they are counted by"},
	}
}

func (c config) gatewayWarnings() []warning {
	var lastRecheck time.Duration
	if n := len(c.RecheckSettled); n > 0 {
		lastRecheck = c.RecheckSettled[n-1]
	}
	sweeps := c.SweepInterval > 0 && c.SweepWindow > 0
	return []warning{
		{isPlainRemote(c.NopaynBaseURL), "NOPAYN_BASE_URL is plain http: the API key crosses the network unencrypted"},
		{sweeps && c.SweepWindow < c.SweepInterval, "SWEEP_WINDOW is shorter than SWEEP_INTERVAL: orders created " +
			"between two sweeps can be missed"},
		{c.ShutdownTimeout <= c.GatewayTimeout, "SHUTDOWN_TIMEOUT is not longer than GATEWAY_TIMEOUT: a stop can cut off " +
			"looks, which are then repeated when their lease is over"},
		{c.RetentionOrders > 0 && c.RetentionOrders < lastRecheck, "RETENTION_ORDERS is shorter than the last of " +
			"RECHECK_SETTLED: later refunds of forgotten orders are not seen"},
		{c.AllowTestOrders, "ALLOW_TEST_ORDERS=true: test orders, for which nobody paid, can be fulfillable"},
	}
}
