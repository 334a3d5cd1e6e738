package handler

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// anyMethod lets the router see methods that it has no name for. It would answer them before it looks at the path, and
// so tell a wrong webhook token from an unknown path. TRACE stands for them, because no route is for TRACE alone.
func anyMethod(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if knownMethod(r.Method) == otherMethod {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodTrace
		}
		next.ServeHTTP(w, r)
	})
}

const otherMethod = "other"

// knownMethod is the method, if it is one of those that everybody knows. What a client invents stays out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return otherMethod
}

// notFound answers for a path that is no route, and for a webhook whose token is wrong: nobody can tell which.
func notFound(w http.ResponseWriter, r *http.Request) {
	newProblem(http.StatusNotFound, codeNotFound, "There is nothing at this path.").write(exchangeOf(r.Context()))
}

// methodNotAllowed answers for a route that knows other methods only.
func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	refuseMethod(exchangeOf(r.Context()), r, allowed(r)...)
}

func refuseMethod(e *exchange, r *http.Request, allow ...string) {
	p := newProblem(http.StatusMethodNotAllowed, codeMethodNotAllowed, "This path does not know the method.")
	p.header.Set("Allow", strings.Join(allow, ", "))
	p.write(e)
}

// allowed lists the methods of the routes that match r's path. chi keeps its own list from whoever replaces its
// answer.
func allowed(r *http.Request) []string {
	var methods []string
	path := r.URL.EscapedPath()
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if !routes.Match(chi.NewRouteContext(), method, path) {
			continue
		}
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	return methods
}
