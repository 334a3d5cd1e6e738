package handler_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/handler"
	"webhookd/internal/store"
)

const hookRoute = "/webhooks/costplus/{token}"

// routesOf are the methods of each route that the router has, be it documented or not.
func routesOf(t *testing.T) map[string][]string {
	t.Helper()
	c := config()
	c.Log = slog.New(slog.DiscardHandler)
	router, ok := handler.New(c, newFake().backend(nil)).(chi.Routes)
	if !ok {
		t.Fatal("the surface is no chi router")
	}
	routes := map[string][]string{}
	add := func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if route != hookRoute { // which sees all methods, to answer them alike
			routes[route] = append(routes[route], method)
		}
		return nil
	}
	if err := chi.Walk(router, add); err != nil {
		t.Fatal(err)
	}
	routes[hookRoute] = []string{http.MethodPost}
	return routes
}

// TestEveryRouteIsDocumented compares what the router has with what the document says.
func TestEveryRouteIsDocumented(t *testing.T) {
	s, routes := start(t, config(), newFake()), routesOf(t)
	for route, methods := range routes {
		for _, method := range methods {
			if s.doc.Paths[route][strings.ToLower(method)].Responses == nil {
				t.Errorf("%s %s is not documented", method, route)
			}
		}
	}
	for route, methods := range s.doc.Paths {
		for method := range methods {
			if !slices.Contains(routes[route], strings.ToUpper(method)) {
				t.Errorf("%s %s is documented, and not there", method, route)
			}
		}
	}
}

// at is a route with values in the place of its names.
func at(route string) string {
	return strings.NewReplacer("{id}", id, "{ref}", "A-17", "{key}", "a-key", "{token}", token).Replace(route)
}

// TestEveryRouteRefusesMethods asks each route in every method that it does not have, and what lies behind it.
func TestEveryRouteRefusesMethods(t *testing.T) {
	s := start(t, config(), newFake())
	for route, methods := range routesOf(t) {
		slices.Sort(methods)
		allow := strings.Replace(strings.Join(methods, ", "), "GET", "GET, HEAD", 1)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			if slices.Contains(methods, method) || method == "HEAD" && slices.Contains(methods, "GET") {
				continue
			}
			a := s.do(method, at(route), "", "Authorization", "Bearer "+cashier)
			wantProblem(t, a, http.StatusMethodNotAllowed, "method_not_allowed")
			if got := a.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, route, got, allow)
			}
		}
		for _, path := range []string{at(route) + "/", at(route) + "/nothing/nothing", "/" + at(route)} {
			a := s.do(methods[0], path, "", "Authorization", "Bearer "+cashier)
			wantProblem(t, a, http.StatusNotFound, "not_found")
		}
	}
}

// TestEveryRouteRefuses asks each route of /v1 in every way that it must refuse.
func TestEveryRouteRefuses(t *testing.T) {
	unknown := failing(store.ErrNotFound)
	unknown.stands = func(string) (store.Operation, error) { return store.Operation{}, store.ErrNoOperation }
	broken := failing(errors.New(inner))
	s, none, fault := start(t, config(), newFake()), start(t, config(), unknown), start(t, config(), broken)
	for route, methods := range routesOf(t) {
		if !strings.HasPrefix(route, "/v1/") {
			continue
		}
		at := at(route)
		for _, method := range methods {
			op := s.doc.Paths[route][strings.ToLower(method)]
			scope := op.Security[0]["key"][0]
			ask := func(s *service, at string, headers ...string) answer {
				body := ""
				if method != http.MethodGet && !strings.HasSuffix(at, "/refresh") {
					body = `{"amount":500,"currency":"EUR"}`
				}
				if strings.Contains(at, id+"/") && body != "" {
					body = `{"amount":500}`
				}
				return s.do(method, at, body, append(headers, "Idempotency-Key", "a-key")...)
			}
			key := map[string]string{"read": reader, "write": writer, "money": cashier}[scope]
			wantProblem(t, ask(s, at), http.StatusUnauthorized, "unauthorized")
			wantProblem(t, ask(s, at, "Authorization", "Bearer "+inner), http.StatusUnauthorized, "unauthorized")
			if scope != "read" {
				wantProblem(t, ask(s, at, "Authorization", "Bearer "+reader), http.StatusForbidden, "forbidden")
			}
			wantProblem(t, ask(s, at+"?nonsense=1", "Authorization", "Bearer "+key), http.StatusUnprocessableEntity, "invalid")
			if strings.Contains(route, "{id}") {
				bad := strings.Replace(route, "{id}", "no+id", 1)
				wantProblem(t, ask(s, bad, "Authorization", "Bearer "+key), http.StatusUnprocessableEntity, "invalid")
			}
			if op.Responses["404"].Description != "" {
				wantProblem(t, ask(none, at, "Authorization", "Bearer "+key), http.StatusNotFound, "not_found")
			}
			a := ask(fault, at, "Authorization", "Bearer "+key)
			wantProblem(t, a, http.StatusInternalServerError, "internal")
			wantNone(t, method+" "+route, string(a.body), inner)
		}
	}
}
