package handler_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/store"
)

// TestEveryRouteRefuses asks each documented route of /v1 in every way that it must refuse.
func TestEveryRouteRefuses(t *testing.T) {
	unknown := failing(store.ErrNotFound)
	unknown.stands = func(string) (store.Operation, error) { return store.Operation{}, store.ErrNoOperation }
	broken := failing(errors.New(inner))
	s, none, fault := start(t, config(), newFake()), start(t, config(), unknown), start(t, config(), broken)
	path := strings.NewReplacer("{id}", id, "{ref}", "A-17", "{key}", "a-key")
	for route, methods := range s.doc.Paths {
		if !strings.HasPrefix(route, "/v1/") {
			continue
		}
		at := path.Replace(route)
		wantProblem(t, s.do("PATCH", at, "", "Authorization", "Bearer "+cashier), http.StatusMethodNotAllowed,
			"method_not_allowed")
		for method, op := range methods {
			method, scope := strings.ToUpper(method), op.Security[0]["key"][0]
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
