package handler_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"webhookd/internal/handler/openapicheck"
)

// TestDeviationsAreFound plants in the document what the service does not do. A check that cannot fail would be worth
// nothing: each of them must be found in the one request that shows it, and nothing without it.
func TestDeviationsAreFound(t *testing.T) {
	s := start(t, config(), newFake())
	text := s.do("GET", "/openapi.json", "").body
	faults := func(t *testing.T, text []byte, a answer) []string {
		t.Helper()
		d, err := openapicheck.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		var sent []byte
		if a.Request.GetBody != nil {
			body, err := a.Request.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			if sent, err = io.ReadAll(body); err != nil {
				t.Fatal(err)
			}
		}
		return d.Faults(a.Request, sent, a.Response, a.body)
	}
	schema := "components|schemas|"
	get := "paths|/v1/orders/{id}|get|"
	list := "paths|/v1/orders|get|"
	hook := "paths|/webhooks/costplus/{token}|post|responses|200"
	stored := hook + "|content|application/json|schema|properties|status|enum"
	plain := map[string]any{"text/plain": map[string]any{}}
	for name, c := range map[string]struct {
		ask   func() answer
		at    string
		plant any // in its place; nil takes it away
	}{
		"a member is not there":       {order(s), schema + "Order|properties|holds", nil},
		"a member is of another type": {order(s), schema + "Order|properties|amount|type", "string"},
		"a member may not be null":    {order(s), schema + "Order|properties|project_id|type", "string"},
		"a member is required":        {order(s), schema + "Order|required", []any{"order_id", "weight"}},
		"a value is not known":        {order(s), schema + "Order|properties|state|enum", []any{"pending"}},
		"an item's member":            {order(s), schema + "Transaction|properties|brand", nil},
		"a schema is not there":       {order(s), schema + "Transaction", nil},
		"a time is none":              {order(s), schema + "Order|properties|status|format", "date-time"},
		"a text looks different":      {order(s), schema + "Order|properties|order_id|pattern", "^[0-9]+$"},
		"a text is longer":            {order(s), schema + "Order|properties|order_id|maxLength", 10},
		"a text is shorter":           {order(s), schema + "Order|properties|order_id|minLength", 100},
		"a number is larger":          {order(s), schema + "Order|properties|amount|maximum", 10},
		"a number is smaller":         {order(s), schema + "Order|properties|amount|minimum", 10_000},
		"none of the alternatives":    {events(s), schema + "Previous|properties|state|enum", []any{"paid"}},
		"a status":                    {order(s), get + "responses|200", nil},
		"a header":                    {order(s), get + "responses|200|headers", nil},
		"a type of content":           {order(s), get + "responses|200|content", plain},
		"a status of a refusal":       {missing(s), get + "responses|422", nil},
		"a code of a refusal":         {missing(s), schema + "Problem|properties|code|enum", []any{"gone"}},
		"a header of a refusal":       {nobody(s), get + "responses|401|headers", nil},
		"a parameter":                 {listing(s), list + "parameters", []any{}},
		"a parameter's value": {listing(s), list + "parameters", []any{
			map[string]any{"name": "limit", "in": "query", "schema": map[string]any{"type": "integer", "maximum": 6}},
			map[string]any{"name": "state", "in": "query", "schema": map[string]any{"type": "string"}},
		}},
		"a body":                       {registering(s), "paths|/v1/orders/{id}|put|requestBody", nil},
		"a member of a body":           {registering(s), schema + "Registration|properties|amount", nil},
		"a body's member's type":       {registering(s), schema + "Registration|properties|amount|type", "string"},
		"a body's member is required":  {registering(s), schema + "Registration|required", []any{"weight"}},
		"a webhook's status":           {hooking(s), hook, nil},
		"what a webhook's answer says": {hooking(s), stored, []any{"ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.ask()
			if found := faults(t, text, a); len(found) > 0 {
				t.Fatalf("without a deviation: %q", found)
			}
			if len(faults(t, planted(t, text, c.at, c.plant), a)) == 0 {
				t.Error("it is not found")
			}
		})
	}
}

// planted is the document with something else at a place.
func planted(t *testing.T, text []byte, at string, plant any) []byte {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(at, "|")
	within := document
	for _, step := range steps[:len(steps)-1] {
		next, ok := within[step].(map[string]any)
		if !ok {
			t.Fatalf("there is no %s in %s", step, at)
		}
		within = next
	}
	last := steps[len(steps)-1]
	if plant == nil && within[last] == nil {
		t.Fatalf("there is no %s", at)
	}
	within[last] = plant
	if plant == nil {
		delete(within, last)
	}
	changed, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func order(s *service) func() answer { return func() answer { return s.get("/v1/orders/" + id) } }

func events(s *service) func() answer { return func() answer { return s.get("/v1/events") } }

func missing(s *service) func() answer { return func() answer { return s.get("/v1/orders/a.b") } }

func nobody(s *service) func() answer {
	return func() answer { return s.do(http.MethodGet, "/v1/orders/"+id, "") }
}

func listing(s *service) func() answer {
	return func() answer { return s.get("/v1/orders?state=partially_refunded&limit=7") }
}

func registering(s *service) func() answer {
	return func() answer { return s.put("/v1/orders/"+id, `{"amount":1295}`) }
}

func hooking(s *service) func() answer { return func() answer { return s.hook(webhook) } }
