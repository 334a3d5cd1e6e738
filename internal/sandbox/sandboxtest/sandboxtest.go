// Package sandboxtest starts sandbox gateways for tests.
package sandboxtest

import (
	"net/http/httptest"
	"testing"

	"webhookd/internal/sandbox"
)

// Start serves a new gateway on a free port of the loopback until the test ends, and returns it with its base URL,
// which has no /v1 and no slash at the end. The gateway's links lead there.
func Start(t testing.TB, cfg sandbox.Config) (g *sandbox.Gateway, baseURL string) {
	t.Helper()
	g = sandbox.New(cfg)
	server := httptest.NewServer(g.Handler())
	t.Cleanup(func() {
		g.Close() // first: it ends the calls that a fault holds, which the server waits for
		server.Close()
	})
	if cfg.PublicURL == "" {
		g.SetPublicURL(server.URL)
	}
	return g, server.URL
}
