package handler_test

import (
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/handler"
)

func TestScopes(t *testing.T) {
	s := start(t, config(), newFake())
	operations := []struct{ method, path, scope string }{
		{"GET", "/v1/orders/" + id, "read"},
		{"GET", "/v1/orders", "read"},
		{"GET", "/v1/orders/" + id + "/history", "read"},
		{"GET", "/v1/events", "read"},
		{"PUT", "/v1/orders/" + id, "write"},
		{"POST", "/v1/orders/" + id + "/refresh", "write"},
		{"POST", "/v1/orders", "write"},
		{"POST", "/v1/orders/" + id + "/refunds", "money"},
		{"POST", "/v1/orders/" + id + "/captures", "money"},
		{"POST", "/v1/orders/" + id + "/voids", "money"},
		{"GET", "/v1/operations/a-key", "read"},
		{"GET", "/v1/merchant-orders/A-17", "read"},
	}
	for _, op := range operations {
		for _, key := range []struct{ secret, name, scopes string }{
			{reader, "reads", "read"}, {writer, "writes", "read write"}, {cashier, "pays", "read money"},
		} {
			body := ""
			if op.method == "POST" && !strings.HasSuffix(op.path, "/refresh") {
				body = `{"amount":500}`
			}
			if op.path == "/v1/orders" && body != "" {
				body = `{"amount":500,"currency":"EUR"}`
			}
			a := s.do(op.method, op.path, body, "Authorization", "Bearer "+key.secret, "Idempotency-Key", "a-key")
			if strings.Contains(key.scopes, op.scope) {
				if a.StatusCode/100 != 2 {
					t.Errorf("%s %s with %s: %s %s", op.method, op.path, key.scopes, a.Status, a.body)
				}
				continue
			}
			p := wantProblem(t, a, http.StatusForbidden, "forbidden")
			if !strings.Contains(p["detail"].(string), op.scope) {
				t.Errorf("detail %q does not name the scope %s", p["detail"], op.scope)
			}
			want := `Bearer error="insufficient_scope", scope="` + op.scope + `"`
			if got := a.Header.Get("WWW-Authenticate"); got != want {
				t.Errorf("WWW-Authenticate %q, want %q", got, want)
			}
			if line := s.lastLine(); line["key"] != key.name || line["code"] != "forbidden" {
				t.Errorf("logged %v, want the key's name %s", line, key.name)
			}
		}
	}
}

func TestUnauthorized(t *testing.T) {
	s := start(t, config(), newFake())
	for _, c := range []struct{ header, challenge string }{
		{"", "Bearer"},
		{"Basic " + reader, "Bearer"},
		{"Bearer", "Bearer"},
		{reader, "Bearer"},
		{"Bearer ", `Bearer`},
		{"Bearer " + reader + "x", `Bearer error="invalid_token"`},
		{"Bearer " + reader[1:], `Bearer error="invalid_token"`},
		{"Bearer " + strings.ToUpper(reader), `Bearer error="invalid_token"`},
		{"Bearer " + token, `Bearer error="invalid_token"`},
	} {
		var headers []string
		if c.header != "" {
			headers = []string{"Authorization", c.header}
		}
		// Whoever may not ask learns nothing: neither what is known nor what would be wrong.
		for _, path := range []string{"/v1/orders/" + id, "/v1/orders?nonsense=1", "/v1/events"} {
			a := s.do("GET", path, "", headers...)
			wantProblem(t, a, http.StatusUnauthorized, "unauthorized")
			if got := a.Header.Get("WWW-Authenticate"); got != c.challenge {
				t.Errorf("Authorization %q: WWW-Authenticate %q, want %q", c.header, got, c.challenge)
			}
		}
	}
	twice := s.get("/v1/events", "Authorization", "Bearer "+reader)
	wantProblem(t, twice, http.StatusUnauthorized, "unauthorized")
	if a := s.do("GET", "/v1/events", "", "Authorization", "bearer  "+reader); a.StatusCode != http.StatusOK {
		t.Errorf("a lower-case scheme and two spaces: %s, want 200", a.Status)
	}
}

func TestNoKeysLetNobodyIn(t *testing.T) {
	s := start(t, handler.Config{}, newFake())
	for _, secret := range []string{"", " ", reader} {
		a := s.do("GET", "/v1/events", "", "Authorization", "Bearer "+secret)
		wantProblem(t, a, http.StatusUnauthorized, "unauthorized")
	}
}

func TestAuthOff(t *testing.T) {
	c := config()
	c.AuthOff = true
	s := start(t, c, newFake())
	for _, a := range []answer{
		s.do("PUT", "/v1/orders/"+id, ""),
		s.do("GET", "/v1/orders", ""),
		s.do("GET", "/v1/orders", "", "Authorization", "Bearer wrong"),
	} {
		if a.StatusCode/100 != 2 {
			t.Errorf("%s %s: %s, want it let through", a.Request.Method, a.Request.URL, a.Status)
		}
	}
}

// TestAuthOffKeepsPagesOut: where no key is asked for, a browser may still change nothing for a page from elsewhere. All
// else than browsers says nothing of where it comes from.
func TestAuthOffKeepsPagesOut(t *testing.T) {
	c := config()
	c.AuthOff = true
	f := newFake()
	s := start(t, c, f)
	elsewhere := [][]string{
		{"Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://elsewhere.example"},
		{"Origin", "null"},
		{"Origin", "https://elsewhere.example", "Authorization", "Basic " + reader}, // as for a proxy in front of us
	}
	ours := [][]string{
		nil,
		{"Sec-Fetch-Site", "same-origin", "Origin", s.url},
		{"Sec-Fetch-Site", "none"},
		{"Origin", s.url},
	}
	for route, methods := range routesOf(t) {
		for _, method := range methods {
			if !strings.HasPrefix(route, "/v1/") || strings.HasSuffix(route, "/stream") {
				continue
			}
			body := ""
			if method == "POST" && !strings.HasSuffix(route, "/refresh") {
				body = `{"amount":500}`
			}
			if route == "/v1/orders" && body != "" {
				body = `{"amount":500,"currency":"EUR"}`
			}
			ask := func(headers []string) answer {
				return s.do(method, at(route), body, append(headers, "Idempotency-Key", "a-key", "Content-Type", "text/plain")...)
			}
			for _, headers := range elsewhere {
				a := ask(headers)
				if method != "GET" {
					wantProblem(t, a, http.StatusForbidden, "cross_origin")
				} else if a.StatusCode != http.StatusOK {
					t.Errorf("%s %s with %q: %s, want it let through", method, route, headers, a.Status)
				}
			}
			for _, headers := range ours {
				if a := ask(headers); a.StatusCode/100 != 2 {
					t.Errorf("%s %s with %q: %s, want it let through", method, route, headers, a.Status)
				}
			}
		}
	}
	keyed := start(t, config(), f)
	if a := keyed.put("/v1/orders/"+id, "", "Origin", "https://elsewhere.example"); a.StatusCode/100 != 2 {
		t.Errorf("with a key, from anywhere: %s, want it let through", a.Status)
	}
}
