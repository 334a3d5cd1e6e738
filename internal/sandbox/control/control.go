// Package control drives a sandbox gateway over HTTP: it reads what is stored, acts as the customer and as the
// merchant portal, moves the clock, and has the API and the webhooks fail on demand, one by one or by a script. It also
// serves the page that explains the sandbox.
//
// Refunds that are not completed at once, as real ones are not (CONTRACT 4.7, W29), are tried so:
//
//	POST /sandbox/settings               {"refund_delay":"10m"}  refunds are pending for ten minutes by the clock
//	POST /sandbox/settings               {"fail_refunds":1}      and the next one fails in the end
//	POST /sandbox/settings               {"refund_answer":"flat"} in the shape of the guide, with the status pending
//	POST /sandbox/refunds/{id}/complete  {}                      one under way is completed now
//	POST /sandbox/refunds/{id}/fail      {}                      or fails
//
// The id of a refund is the one its answer had, or a member of the order's refund_orders.
//
//	gateway := sandbox.New(sandbox.Config{})
//	err := http.ListenAndServe("127.0.0.1:8090", control.Beside(gateway, control.Options{}))
//
// What it answers is JSON; what it refuses is a problem of RFC 9457 whose errors name the members at fault. Lengths of
// time are written as in Go, such as "1m30s".
//
// It needs no key, so it keeps out what a browser could be made to send: calls that change something must say that they
// are JSON, must not come from another origin, and must be addressed to this machine.
package control

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"webhookd/internal/sandbox"
)

// Options say how the control is served.
type Options struct {
	// Key is the gateway's API key as the page's examples show it. It is left out of the page when it looks real.
	Key string

	// AnyHost serves calls whatever host they are addressed to. Without it only names of this machine and the host of
	// the gateway's public URL are answered, so that no web page can reach the control through a name of its own.
	AnyHost bool
}

// control is the levers of one gateway.
type control struct {
	gateway *sandbox.Gateway
	options Options
	page    *page
}

// New returns a handler of the paths / and /sandbox and of all below /sandbox/.
func New(g *sandbox.Gateway, o Options) http.Handler {
	c := &control{gateway: g, options: o, page: newPage()}
	r := chi.NewRouter()
	r.Use(plainHeaders, c.ownHost, sameOrigin(), middleware.CleanPath, middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, notFound("there is nothing at this address"))
	})
	r.MethodNotAllowed(refuseMethod(r))

	c.pageRoutes(r)
	r.Get("/sandbox/state", serve(c.showState))
	c.orderRoutes(r)
	c.refundRoutes(r)
	c.webhookRoutes(r)
	c.faultRoutes(r)
	c.settingsRoutes(r)
	r.Get("/sandbox/clock", serve(c.showClock))
	r.Post("/sandbox/clock", serve(c.moveClock))
	r.Post("/sandbox/script", serve(c.runScript))
	return r
}

// Beside returns a handler of the control and of everything else the gateway serves, on one address.
func Beside(g *sandbox.Gateway, o Options) http.Handler {
	levers, gateway := New(g, o), g.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := path.Clean(r.URL.Path); at == "/" || at == "/sandbox" || strings.HasPrefix(at, "/sandbox/") {
			levers.ServeHTTP(w, r)
			return
		}
		gateway.ServeHTTP(w, r)
	})
}

// serve answers with what f returns: a value as JSON with status, nothing at all, or a problem.
func serve(f func(r *http.Request) (status int, value any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, value, err := f(r)
		if err != nil {
			writeProblem(w, err)
			return
		}
		if value == nil {
			w.WriteHeader(status)
			return
		}
		writeJSON(w, status, "application/json", value)
	}
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, value any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ") // people read it
	if err := encoder.Encode(value); err != nil {
		panic(err) // cannot be: what is written was made of JSON, or of structs that have a form in it
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = text.WriteTo(w) // fails only when the client has left
}
