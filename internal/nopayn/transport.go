package nopayn

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// withoutRedirects copies given so that the copy follows no redirect: one to another host would take the API key
// there. Without a client given, it makes one.
func withoutRedirects(given *http.Client) *http.Client {
	var c http.Client
	if given != nil {
		c = *given
	} else {
		c.Transport = newTransport()
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// maxIdleConns is more than anybody makes calls at a time. Where calls pile up over HTTP/1.1 and then fewer connections
// are kept than there were calls, they are closed and made anew all the time.
const maxIdleConns = 2048

// newTransport is tuned for many short calls to one host. It bounds what no caller's ctx should have to wait for, the
// making of a connection; how long an answer may take is left to the ctx.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12}, // CONTRACT 1.2
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    maxIdleConns, // the default of 2 would reconnect all the time
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        1 << 10, // a request is short; each connection has a buffer for as long as it is kept
		ForceAttemptHTTP2:      true,
		// All calls share one HTTP/2 connection; without pings, one that died silently would time out every call on it.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}
