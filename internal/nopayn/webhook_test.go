package nopayn_test

import (
	"errors"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

func TestWebhookBodiesFixture(t *testing.T) {
	accepted := map[string]bool{
		"process":        true,
		"acknowledge":    true,  // an id like any other: whether the order is known is not for the parser to say
		"reject-or-last": false, // we reject
		"reject":         false,
	}
	for _, tt := range fixtureCases[webhookBody](t, "23_webhook_bodies.json") {
		t.Run(tt.Name, func(t *testing.T) {
			want, known := accepted[tt.Verdict]
			if !known {
				t.Fatalf("unknown verdict %q", tt.Verdict)
			}
			w, err := nopayn.ParseWebhook([]byte(tt.Body))
			if (err == nil) != want {
				t.Fatalf("ParseWebhook = %+v, %v; verdict is %s", w, err, tt.Verdict)
			}
			if want && (w.OrderID == "" || !strings.Contains(tt.Body, `"`+w.OrderID+`"`)) {
				t.Errorf("OrderID = %q is not the body's", w.OrderID)
			}
			if !want && w != (nopayn.Webhook{}) {
				t.Errorf("a refused body gives %+v", w)
			}
		})
	}
}

func TestParseWebhook(t *testing.T) {
	tests := map[string]struct {
		body string
		want nopayn.Webhook
	}{
		"all members": {
			`{"event":"status_changed","order_id":"o-1","project_id":"p-1"}`,
			nopayn.Webhook{Event: "status_changed", OrderID: "o-1", ProjectID: "p-1"},
		},
		"others of the wrong type": {`{"event":7,"order_id":"o-1","project_id":{}}`, nopayn.Webhook{OrderID: "o-1"}},
		"other case is another":    {`{"ORDER_ID":7,"order_id":"o-1","Order_Id":"o-2"}`, nopayn.Webhook{OrderID: "o-1"}},
		"nested is another":        {`{"data":{"order_id":"o-2"},"order_id":"o-1"}`, nopayn.Webhook{OrderID: "o-1"}},
		"escaped":                  {`{"order\u005fid":"o\u002d1"}`, nopayn.Webhook{OrderID: "o-1"}},
		"deep": {
			`{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"order_id":"o-1"}`,
			nopayn.Webhook{OrderID: "o-1"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := nopayn.ParseWebhook([]byte(tt.body))
			if err != nil || got != tt.want {
				t.Errorf("ParseWebhook = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseWebhookRefusals(t *testing.T) {
	const secret = "canary"
	tests := map[string]struct{ body, reason string }{
		"empty":           {"", "body is empty"},
		"byte order mark": {"\ufeff" + `{"order_id":"o-1"}`, "body is not valid JSON"},
		"not JSON":        {secret, "body is not valid JSON"},
		"endless nesting": {strings.Repeat(`{"x":[`, 10_000), "body is not valid JSON"},
		"two objects":     {`{"order_id":"o-1"}{"order_id":"o-1"}`, "body is not valid JSON"},
		"list":            {`[{"order_id":"` + secret + `"}]`, "body is not a JSON object"},
		"nowhere":         {`{"event":"` + secret + `"}`, "order_id is missing"},
		"other case only": {`{"Order_ID":"` + secret + `"}`, "order_id is missing"},
		"null":            {`{"order_id":null}`, "order_id is missing"},
		"boolean":         {`{"order_id":true}`, "order_id is not a valid order id"},
		"traversal":       {`{"order_id":"../` + secret + `"}`, "order_id is not a valid order id"},
		"too long":        {`{"order_id":"` + strings.Repeat(secret, 11) + `"}`, "order_id is not a valid order id"},
		"NUL":             {`{"order_id":"` + secret + `\u0000"}`, "order_id is not a valid order id"},
		"twice the same":  {`{"order_id":"` + secret + `","order_id":"` + secret + `"}`, "order_id is given twice"},
		"twice, one null": {`{"order_id":null,"order_id":"` + secret + `"}`, "order_id is given twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := nopayn.ParseWebhook([]byte(tt.body))
			refused, ok := errors.AsType[*nopayn.WebhookError](err)
			if !ok || refused.Error() != tt.reason {
				t.Errorf("ParseWebhook: error %v, want a WebhookError %q", err, tt.reason)
			}
		})
	}
}

func TestParseWebhookAllocatesLittle(t *testing.T) {
	many := `{` + strings.Repeat(`"member":{"deep":[1,2,3]},`, 2000) + `"order_id":"o-1"}`
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := nopayn.ParseWebhook([]byte(many)); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 10 {
		t.Errorf("a body of 2,000 members takes %v allocations", allocations)
	}
}
