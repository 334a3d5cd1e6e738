package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func gatewayAilments() []ailment {
	return []ailment{
		{"no gateway", func(*testing.T, *rig) []string {
			return []string{"NOPAYN_BASE_URL=http://127.0.0.1:1"}
		}, "gateway", verdictFail, "refused", "database rights"},
		{"a gateway that is silent", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpCurrencies, "", 0, sandbox.Hang())
			return nil
		}, "gateway", verdictFail, "deadline", "database rights"},
		{"a gateway that nobody knows", func(*testing.T, *rig) []string {
			return []string{"NOPAYN_BASE_URL=https://gateway..example"} // no resolver is asked for such a name
		}, "gateway", verdictFail, "lookup gateway..example", "database rights"},
		{"a gateway that nobody trusts", func(t *testing.T, r *rig) []string {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return []string{"NOPAYN_BASE_URL=" + server.URL}
		}, "gateway", verdictFail, "certificate", "database rights"},
		{"something else for a gateway", func(t *testing.T, r *rig) []string {
			return []string{"NOPAYN_BASE_URL=" + page404(t)}
		}, "gateway key", verdictFail, "does not speak like the gateway", "gateway"},
		{"a wrong key", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Unauthorized())
			return nil
		}, "gateway key", verdictFail, "refused", "gateway"},
		{"a key that may little", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpCurrencies, "", 0, sandbox.Refuse(403))
			return nil
		}, "gateway key", verdictWarn, "403", "gateway list"},
		{"a gateway in trouble", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Refuse(503))
			return nil
		}, "gateway key", verdictWarn, "503", "gateway"},
		{"no right to list", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpList, "", 0, sandbox.Refuse(403))
			return []string{"SWEEP_INTERVAL=10m"}
		}, "gateway list", verdictWarn, "may not list", "gateway key"},
		{"no right to list, and no need", func(_ *testing.T, r *rig) []string {
			r.gateway.Break(sandbox.OpList, "", 0, sandbox.Refuse(403))
			return []string{"SWEEP_INTERVAL=0"}
		}, "gateway list", verdictInfo, "sweep that would do it is off", "gateway key"},
		{"a gateway of yesterday", func(_ *testing.T, r *rig) []string {
			yesterday := time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)
			r.gateway.Break(sandbox.OpAny, "", 0, sandbox.Reply(200, http.Header{"Date": {yesterday}}, `{"payment_methods":{}}`))
			return nil
		}, "gateway clock", verdictWarn, "behind", "gateway key"},
	}
}
