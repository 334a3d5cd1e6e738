package nopayn_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"webhookd/internal/nopayn"
)

// seed adds every fixture as it is.
func seed(f *testing.F) {
	f.Helper()
	entries, err := os.ReadDir(fixtures)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		f.Add(fixture(f, e.Name()))
	}
}

// members is the standard library's own reading of an object, to compare with; the last member wins there too. It is
// nil for anything else.
func members(raw []byte) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil
	}
	return all
}

// text is empty for what is no string.
func text(raw json.RawMessage) string {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return ""
	}
	return s
}

func FuzzParseOrder(f *testing.F) {
	seed(f)
	f.Add(minimal(`"\u0069d":"o-2","flags":["a\\\"b"],"transactions":[{"amount":1e2}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := nopayn.ParseOrder(raw)
		again, errAgain := nopayn.ParseOrder(raw)
		if !reflect.DeepEqual(o, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("read twice, two results: %+v, %v and %+v, %v", o, err, again, errAgain)
		}
		if err != nil {
			return
		}
		doc := members(raw)
		if doc == nil {
			t.Fatal("accepted what is no JSON object")
		}
		if text(doc["id"]) != o.ID || text(doc["status"]) != string(o.Status) || text(doc["currency"]) != o.Currency {
			t.Errorf("read %q, %q, %q of %s", o.ID, o.Status, o.Currency, raw)
		}
		if !nopayn.ValidID(o.ID) || o.Status == "" || o.Currency == "" || o.Amount < 0 {
			t.Errorf("accepted %+v", o)
		}
		var attempts []json.RawMessage
		json.Unmarshal(doc["transactions"], &attempts) // absent is none
		if len(attempts) != len(o.Transactions) {
			t.Errorf("%d transactions out of %d", len(o.Transactions), len(attempts))
		}
		if !bytes.Equal(o.Raw, bytes.TrimSpace(raw)) {
			t.Errorf("Raw = %q", o.Raw)
		}
	})
}

func FuzzParseWebhook(f *testing.F) {
	seed(f)
	for _, c := range fixtureCases[webhookBody](f, "23_webhook_bodies.json") {
		f.Add([]byte(c.Body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := nopayn.ParseWebhook(body)
		doc := members(body)
		if err != nil {
			if _, ok := errors.AsType[*nopayn.WebhookError](err); !ok || w != (nopayn.Webhook{}) {
				t.Errorf("refused with %T and %+v", err, w)
			}
			if nopayn.ValidID(text(doc["order_id"])) && err.Error() != "order_id is given twice" {
				t.Errorf("refused a good body: %v", err)
			}
			return
		}
		if !nopayn.ValidID(w.OrderID) {
			t.Errorf("accepted %+v", w)
		}
		want := nopayn.Webhook{Event: text(doc["event"]), OrderID: text(doc["order_id"]), ProjectID: text(doc["project_id"])}
		if w != want {
			t.Errorf("ParseWebhook = %+v, want %+v", w, want)
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, c := range fixtureCases[errorBody](f, "22_error_bodies.json") {
		f.Add(uint16(c.Status-200), []byte(c.Body))
	}
	f.Add(uint16(201), []byte(`{"error":"`+canary+`"}`))
	f.Fuzz(func(t *testing.T, above200 uint16, body []byte) {
		status := 200 + int(above200)%800
		_, err := fixed(t, status, string(body)).GetOrder(t.Context(), orderID)
		refused, ok := errors.AsType[*nopayn.APIError](err)
		if !ok {
			if status > 299 {
				t.Fatalf("HTTP %d: error %v of type %T, want an APIError", status, err, err)
			}
			if _, ok := errors.AsType[*nopayn.ResponseError](err); err != nil && !ok {
				t.Fatalf("HTTP %d: error %v of type %T, want a ResponseError", status, err, err)
			}
			return
		}
		if refused.StatusCode != status {
			t.Errorf("StatusCode = %d, want %d", refused.StatusCode, status)
		}
		checkPhrase(t, refused.Message)
		checkPhrase(t, refused.Type)
		if refused.Message == "" {
			t.Error("no message")
		}
		if all := refused.Error() + refused.Type + string(refused.Body); strings.Contains(all, canary) {
			t.Errorf("the key is left in %q", all)
		}
		if len(refused.Body) > 64<<10 {
			t.Errorf("Body has %d bytes", len(refused.Body))
		}
	})
}

// checkPhrase fails unless text is one short, printable line.
func checkPhrase(t *testing.T, text string) {
	t.Helper()
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 200 || strings.ContainsFunc(text, unprintable) {
		t.Errorf("%q is no short line", text)
	}
}

// isPageless reports whether an order came along with the error.
func isPageless(err error) bool { return errors.Is(err, nopayn.ErrNoPaymentURL) }

func isRefusal(err error) bool {
	_, ok := errors.AsType[*nopayn.APIError](err)
	return ok
}
