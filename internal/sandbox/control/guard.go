package control

import (
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
)

// plainHeaders keeps answers out of caches and of other sites' pages.
func plainHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// ownHost refuses calls that were addressed to a name that is none of this gateway's. A web page can have such a name
// lead here, and would then pass for the same origin.
func (c *control) ownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.options.AnyHost && !c.known(hostname(r.Host)) {
			writeProblem(w, &problem{
				Status: http.StatusMisdirectedRequest, Title: "Not the name of this sandbox",
				Detail: "the sandbox answers to localhost, to addresses of the loopback, and to the host of its public URL",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *control) known(host string) bool {
	public, err := url.Parse(c.gateway.Settings().PublicURL)
	return host == "localhost" || net.ParseIP(host).IsLoopback() ||
		err == nil && strings.EqualFold(host, public.Hostname())
}

// hostname returns the Host header without its port.
func hostname(host string) string {
	return (&url.URL{Host: host}).Hostname()
}

// sameOrigin refuses what a page of another site makes a browser send.
func sameOrigin() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, &problem{
			Status: http.StatusForbidden, Title: "Another origin",
			Detail: "a web page of another site must not drive the sandbox",
		})
	}))
	return protection.Handler
}

// requireJSON refuses a body that is not said to be JSON: a form of a web page cannot say so.
func requireJSON(r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && kind != "application/merge-patch+json" {
		return &problem{
			Status: http.StatusUnsupportedMediaType, Title: "Not JSON",
			Detail: "send Content-Type: application/json, also when the body is empty",
		}
	}
	return nil
}

// refuseMethod answers 405 and says which methods the address has.
func refuseMethod(routes chi.Routes) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := chi.RouteContext(r.Context()).RoutePath
		if at == "" {
			at = r.URL.Path
		}
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			if routes.Match(chi.NewRouteContext(), m, at) {
				w.Header().Add("Allow", m)
			}
		}
		writeProblem(w, &problem{
			Status: http.StatusMethodNotAllowed, Title: "Method not allowed", Detail: r.Method + " is not possible here",
		})
	}
}
