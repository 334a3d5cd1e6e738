package handler_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/handler"
)

// sender posts webhooks straight into a handler, from any address.
type sender struct {
	t testing.TB
	h http.Handler
}

// newSender serves without tokens, at a rate.
func newSender(t testing.TB, rate int, proxies ...string) *sender {
	t.Helper()
	c := handler.Config{WebhookRate: rate, Log: slog.New(slog.DiscardHandler)}
	for _, p := range proxies {
		c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
	}
	f := newFake()
	return &sender{t, handler.New(c, f.backend(nil))}
}

// post sends one webhook over a connection from an address, with an X-Forwarded-For if one is given.
func (s *sender) post(from string, forwardedFor ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", "/webhooks/costplus", strings.NewReader(webhook))
	r.RemoteAddr = from
	r.Header["X-Forwarded-For"] = forwardedFor
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	a := answer{w.Result(), w.Body.Bytes()}
	a.Request = r
	return a
}

func wantLimited(t *testing.T, a answer) {
	t.Helper()
	wantProblem(t, a, http.StatusTooManyRequests, "too_many_requests")
	if got := a.Header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q, want 1", got)
	}
}

func TestRateOfOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, 3)
		for range 3 {
			wantAccepted(t, s.post("192.0.2.1:1000"))
		}
		wantLimited(t, s.post("192.0.2.1:2000"))
		wantAccepted(t, s.post("192.0.2.2:1000"))

		<-time.After(time.Second/3 + time.Millisecond)
		wantAccepted(t, s.post("192.0.2.1:1000"))
		wantLimited(t, s.post("192.0.2.1:1000"))

		<-time.After(time.Hour)
		for range 3 {
			wantAccepted(t, s.post("192.0.2.1:1000"))
		}
		wantLimited(t, s.post("192.0.2.1:1000"))
	})
}

func TestNoRate(t *testing.T) {
	s := newSender(t, 0)
	for range 1000 {
		wantAccepted(t, s.post("192.0.2.1:1000"))
	}
}

// Which requests come from one source: the second of two from it is refused.
func TestSources(t *testing.T) {
	const proxy = "10.0.0.1:80"
	request := func(from string, forwardedFor ...string) []string { return append([]string{from}, forwardedFor...) }
	for _, c := range []struct {
		name    string
		proxies []string
		a, b    []string
		same    bool
	}{
		{"two addresses", nil, request("192.0.2.1:1"), request("192.0.2.2:1"), false},
		{"an address, mapped", nil, request("192.0.2.1:1"), request("[::ffff:192.0.2.1]:1"), true},
		{"one /64", nil, request("[2001:db8::1]:1"), request("[2001:db8::ffff:0:0:1]:1"), true},
		{"two /64", nil, request("[2001:db8:0:1::1]:1"), request("[2001:db8:0:2::1]:1"), false},
		{"forged header", nil, request("192.0.2.1:1", "198.51.100.1"), request("192.0.2.1:1", "198.51.100.2"), true},
		{"behind the proxy", []string{"10.0.0.0/8"}, request(proxy, "198.51.100.1"), request(proxy, "198.51.100.2"), false},
		{
			"one client, two proxies",
			[]string{"10.0.0.0/8"},
			request(proxy, "198.51.100.1"), request("10.0.0.2:80", "198.51.100.1, 10.0.0.9"), true,
		},
		{
			"forged before the proxy",
			[]string{"10.0.0.0/8"},
			request(proxy, "203.0.113.1, 198.51.100.1"), request(proxy, "203.0.113.2, 198.51.100.1"), true,
		},
		{
			"not by a proxy",
			[]string{"10.0.0.0/8"},
			request("192.0.2.1:1", "198.51.100.1"), request("192.0.2.1:1", "198.51.100.2"), true,
		},
		{"proxy says nonsense", []string{"10.0.0.0/8"}, request(proxy, "unknown"), request(proxy), true},
		{"proxies that say nothing", []string{"10.0.0.0/8"}, request(proxy), request("10.0.0.2:80"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, 1, c.proxies...)
				wantAccepted(t, s.post(c.a[0], c.a[1:]...))
				second := s.post(c.b[0], c.b[1:]...)
				if c.same {
					wantLimited(t, second)
				} else {
					wantAccepted(t, second)
				}
			})
		})
	}
}

// Who has no token uses up nobody's rate, and many sources need no more room than few.
func TestRateIsForTokenHolders(t *testing.T) {
	c := config()
	c.WebhookRate = 1
	s := start(t, c, newFake())
	for range 20 {
		wantProblem(t, s.do("POST", "/webhooks/costplus/wrong", webhook), http.StatusNotFound, "not_found")
	}
	wantAccepted(t, s.hook(webhook))

	limited := 0
	for range 20 {
		if a := s.hook(webhook); a.StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if got := s.count("limited"); limited == 0 || got != float64(limited) {
		t.Errorf("%d were refused and %v counted", limited, got)
	}
}

func TestManySources(t *testing.T) {
	s := newSender(t, 1)
	refused := 0
	const sources = 2000
	for i := range sources {
		if a := s.post(fmt.Sprintf("198.18.%d.%d:1", i/250, i%250)); a.StatusCode != http.StatusOK {
			refused++
		}
	}
	// By chance some share a slot: 30 of them, give or take.
	if refused > sources/10 {
		t.Errorf("%d of %d sources were refused their first webhook", refused, sources)
	}
}
