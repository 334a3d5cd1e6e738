package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
)

const (
	// gatewayClockLimit is how far the gateway's clock may be off: orders' ages are reckoned with it.
	gatewayClockLimit = 30 * time.Second
	// listedPeriod is for how long back the gateway is asked for its orders.
	listedPeriod = time.Minute
)

// checkGateway looks at the gateway as the service would use it. It reads only.
func (d *doctor) checkGateway() {
	const first = "gateway"
	rest := []string{"gateway key", "gateway list", "gateway clock"}
	conf, ok := d.config(append([]string{first}, rest...), "NOPAYN_API_KEY", "NOPAYN_MERCHANT_ID", "NOPAYN_BASE_URL")
	if !ok {
		return
	}
	wire := &lastAnswer{to: http.DefaultTransport}
	api, err := nopayn.New(nopayn.Config{
		APIKey: conf.NopaynAPIKey.reveal(), MerchantID: conf.NopaynMerchantID, BaseURL: conf.NopaynBaseURL,
		UserAgent: "webhookd/" + readBuild().Version, HTTPClient: &http.Client{Transport: wire},
	})
	if err != nil {
		d.report(first, verdictFail, err.Error(), "correct the NOPAYN_ variables")
		d.skip(rest, "the NOPAYN_ variables must be right first")
		return
	}
	g := &gatewayDoctor{doctor: d, api: api, wire: wire, baseURL: conf.NopaynBaseURL}
	if !g.checkAnswers() {
		d.skip(rest, "the gateway must answer first")
		return
	}
	g.checkList(conf.SweepInterval > 0 && conf.SweepWindow > 0)
	g.checkGatewayClock()
}

type gatewayDoctor struct {
	*doctor
	api     *nopayn.Client
	wire    *lastAnswer
	baseURL string
}

// checkAnswers asks what any key may ask, and reports whether the gateway is there and takes the key.
func (d *gatewayDoctor) checkAnswers() bool {
	ctx, cancel := d.bounded()
	defer cancel()
	_, err := d.api.ProjectCurrencies(ctx)
	if _, ok := errors.AsType[*nopayn.TransportError](err); ok {
		d.report("gateway", verdictFail, err.Error(), reachAdvice(err))
		return false
	}
	d.report("gateway", verdictOK, fmt.Sprintf("%s answers in %s%s", d.baseURL,
		d.wire.took.Round(time.Millisecond), d.wire.encryption()), "")
	d.reportKey(err)
	return true
}

func (d *gatewayDoctor) reportKey(err error) {
	const check = "gateway key"
	refusal, refused := errors.AsType[*nopayn.APIError](err)
	switch {
	case err == nil:
		d.report(check, verdictOK, "it is accepted", "")
	case refused && refusal.StatusCode == http.StatusUnauthorized:
		d.report(check, verdictFail, "it is refused (HTTP 401)",
			"correct NOPAYN_API_KEY: it is found in the dashboard, and belongs to the gateway of NOPAYN_BASE_URL")
	case refused && refusal.StatusCode == http.StatusForbidden:
		d.report(check, verdictWarn, "it may not read the project's currencies (HTTP 403)",
			"ask the gateway's support which rights the key has")
	case refused && refusal.Temporary():
		d.report(check, verdictWarn, fmt.Sprintf("cannot be told: the gateway fails (HTTP %d)", refusal.StatusCode),
			"try again later; webhookd does so by itself")
	default:
		d.report(check, verdictFail, "cannot be told: what answers does not speak like the gateway",
			"is NOPAYN_BASE_URL right, or is a proxy in the way?")
	}
}

// checkList asks what the sweep asks.
func (d *gatewayDoctor) checkList(sweeps bool) {
	const check = "gateway list"
	ctx, cancel := d.bounded()
	defer cancel()
	now := time.Now()
	orders, err := d.api.ListOrders(ctx, now.Add(-listedPeriod), now)
	refusal, refused := errors.AsType[*nopayn.APIError](err)
	switch {
	case err == nil:
		d.report(check, verdictOK, fmt.Sprintf("orders can be listed; %d of the last minute", len(orders)), "")
	case !sweeps:
		d.report(check, verdictInfo, "orders cannot be listed; the sweep that would do it is off", "")
	case refused && (refusal.StatusCode == http.StatusForbidden || refusal.StatusCode == http.StatusNotFound):
		d.report(check, verdictWarn, fmt.Sprintf("the key may not list orders (HTTP %d): without the sweep, an order "+
			"is not found whose webhook was lost and that nobody registered", refusal.StatusCode),
			"have the gateway's support give the key this right, or register every order")
	case refused:
		d.report(check, verdictWarn, fmt.Sprintf("orders cannot be listed (HTTP %d)", refusal.StatusCode),
			"see above, or try again later")
	default:
		d.report(check, verdictWarn, "orders cannot be listed: "+err.Error(), "try again later")
	}
}

func (d *gatewayDoctor) checkGatewayClock() {
	const check = "gateway clock"
	theirs, err := http.ParseTime(d.wire.date)
	if err != nil {
		d.report(check, verdictInfo, "not looked at: the gateway's answers have no date", "")
		return
	}
	// The date has no parts of a second: half of one is the best guess.
	ahead := skew(theirs.Add(time.Second/2), d.wire.asked, d.wire.asked.Add(d.wire.took))
	d.checkClock(check, ahead, gatewayClockLimit, "set this machine's clock by NTP")
}

// reachAdvice says what to do about a gateway that does not answer.
func reachAdvice(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "is the host in NOPAYN_BASE_URL right, and does this machine have a working DNS?"
	}
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case unverified || unknown:
		return "who answers is not trusted: a proxy that opens TLS, a wrong host, or a wrong clock on this machine"
	case errors.Is(err, context.DeadlineExceeded):
		return "does a firewall hold up connections to it, or is HTTPS_PROXY missing?"
	}
	return "is NOPAYN_BASE_URL right, and does the firewall let this machine connect to it?"
}

// lastAnswer sends requests, and remembers of the last answer what is of no concern to others.
type lastAnswer struct {
	to    http.RoundTripper
	asked time.Time
	took  time.Duration // until the header was there
	date  string
	tls   *tls.ConnectionState
}

// RoundTrip sends one request. It is not for several at once.
func (l *lastAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	l.asked = time.Now()
	res, err := l.to.RoundTrip(req)
	l.took = time.Since(l.asked)
	if err == nil {
		l.date, l.tls = res.Header.Get("Date"), res.TLS
	}
	return res, err
}

func (l *lastAnswer) encryption() string {
	if l.tls == nil {
		return ", unencrypted"
	}
	return " by " + tls.VersionName(l.tls.Version)
}
