package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/sandbox"
)

// TestCallsAtAVersion has every call that changes an order name the version it was read at, once too late.
func TestCallsAtAVersion(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		name, method, path, body string
		walk                     func(id string) error
		done                     int
	}{
		{"update", "PUT", "", `{"description":"Cup"}`, func(string) error { return nil }, http.StatusOK},
		{"cancel", "DELETE", "", "", func(string) error { return nil }, http.StatusOK},
		{"refund", "POST", "refunds/", `{"amount":500}`, s.paid, http.StatusCreated},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := s.order(nil)
			s.do(c.walk(id))
			call := func(tag string) reply {
				req, err := http.NewRequestWithContext(
					t.Context(), c.method, s.base+"/v1/orders/"+id+"/"+c.path, strings.NewReader(c.body))
				s.do(err)
				req.SetBasicAuth(s.key, "")
				req.Header.Set("If-Match", tag)
				r, err := s.send(req)
				s.do(err)
				return r
			}
			read := s.call("GET", "/v1/orders/"+id+"/", "")
			s.do(s.g.Edit(id, func(doc map[string]any) { doc["description"] = "changed meanwhile" }))
			changed := s.call("GET", "/v1/orders/"+id+"/", "")
			s.wantRefused(call(read.header.Get("ETag")), http.StatusPreconditionFailed, "")
			if now := s.call("GET", "/v1/orders/"+id+"/", ""); now.text != changed.text {
				t.Errorf("the refused call changed the order to %s", now.text)
			}
			if r := call(changed.header.Get("ETag")); r.status != c.done {
				t.Errorf("at the present version: status %d, want %d: %s", r.status, c.done, r.text)
			}
		})
	}
}
