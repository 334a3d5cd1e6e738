package nopayn_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"webhookd/internal/nopayn"
)

// shopper is a customer whose data changes its form in JSON.
var shopper = nopayn.Customer{
	FirstName: "Niccolò", LastName: `D"Acci/aio`, Address: "Via dell'Orso 1/a", EmailAddress: "nic@example.com",
	PhoneNumbers: []string{"+390600000000"}, MerchantCustomerID: "🦊🦊",
}

// slashed is a key that JSON may write in several ways.
const slashed = `sk/live+"quoted"&key`

// refusedFor has an order of shopper's refused with an answer.
func refusedFor(t *testing.T, key string, status int, body string) *nopayn.APIError {
	t.Helper()
	c := dial(t, nopayn.Config{APIKey: key, HTTPClient: respond(func(*http.Request) (*http.Response, error) {
		return answer(status, body), nil
	})})
	_, err := c.CreateOrder(t.Context(), nopayn.NewOrder{Amount: 1, Currency: "EUR", Customer: &shopper})
	refused, ok := errors.AsType[*nopayn.APIError](err)
	if !ok {
		t.Fatalf("error %v of type %T, want an APIError", err, err)
	}
	return refused
}

// everything is all that a refusal tells.
func everything(e *nopayn.APIError) string {
	return e.Error() + "\n" + e.Message + "\n" + e.Type + "\n" + e.Property + "\n" + string(e.Body)
}

func TestEscapesHideNothing(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte(slashed + ":"))
	// what the answer holds, and what must not be left of it
	echoes := map[string][]string{
		`Niccolò`:                        {"Niccol"},
		`Niccol\u00f2`:                   {"Niccol"},
		`Niccol\u00F2`:                   {"Niccol"},
		`\u004eiccol\u00f2`:              {"iccol"},
		`Niccol\\u00f2`:                  {"Niccol"}, // JSON inside of JSON
		`Niccol&ograve;`:                 {"Niccol"},
		`Niccol%C3%B2`:                   {"Niccol"},
		`D\"Acci\/aio`:                   {"Acci"},
		`D\\\"Acci\\\/aio`:               {"Acci"},
		`Via dell\u0027Orso 1\/a`:        {"Orso"},
		`nic\u0040example.com`:           {"nic@", `nic\u0040`},
		`+390600000000`:                  {"0600000000"},
		`\ud83e\udd8a\ud83e\udd8a`:       {"🦊", "ud83e"},
		`sk\/live+\"quoted\"\u0026`:      nil, // less than the key
		`sk\/live+\"quoted\"\u0026key`:   {"live"},
		basic:                            {basic},
		`Basic ` + url.PathEscape(basic): {basic, url.PathEscape(basic)},
	}
	for echo, gone := range echoes {
		for _, body := range []string{
			`{"error":{"status":400,"value":"wrong: ` + echo + `"}}`,
			`{"error":{"type":"` + echo + `"}}`,
			`{"error":{"property_path":"customer.` + echo + `"}}`,
			`{"error":{"value":{"a":["` + echo + `"],"` + echo + `":1}}}`,
			`{"error":"` + echo + `","detail":"` + echo + `"}`,
			`<p>` + echo + `</p>`,
			`{"error":{"value":"` + echo, // cut
		} {
			all := everything(refusedFor(t, slashed, http.StatusBadRequest, body))
			for _, secret := range gone {
				if strings.Contains(all, secret) || strings.Contains(html.UnescapeString(all), secret) {
					t.Errorf("answer %s: %q is left in %s", body, secret, all)
				}
			}
		}
	}
}

func TestNumbersHideNothing(t *testing.T) {
	const key = "1234567890"
	body := `{"error":{"value":` + key + `,"message":"a"},"key":` + key + `}`
	if all := everything(refusedFor(t, key, http.StatusUnauthorized, body)); strings.Contains(all, key) {
		t.Errorf("the key is left in %s", all)
	}
}

// TestTheEdgeOfTheBodyHidesNothing has a secret stand across the end of what is read and kept.
func TestTheEdgeOfTheBodyHidesNothing(t *testing.T) {
	const edge = 64 << 10
	for start := edge - len(canary) - 2; start <= edge+2; start += 2 {
		for name, body := range map[string]string{
			"a page":       strings.Repeat("x", start) + canary + strings.Repeat("x", 100),
			"JSON":         `{"a":"` + strings.Repeat("x", start-6) + canary + `"}`,
			"cut JSON":     `{"a":"` + strings.Repeat("x", start-6) + canary + strings.Repeat("x", 100) + `"}`,
			"escaped JSON": `{"a":"` + strings.Repeat("x", start-6) + `\u0063` + canary[1:] + strings.Repeat("x", 100) + `"}`,
		} {
			for _, status := range []int{http.StatusBadGateway, http.StatusOK} {
				if status == http.StatusOK {
					body = `{"error":"x","a":"` + body[6:]
				}
				err := echoed(t, status, body)
				if err == nil {
					continue // a page under 200 is no refusal
				}
				if at := strings.Index(string(err.Body), canary[:5]); at >= 0 || len(err.Body) > edge {
					t.Fatalf("%s, HTTP %d, key at %d: left at %d of %d bytes", name, status, start, at, len(err.Body))
				}
			}
		}
	}
}

// echoed is nil if GetOrder met another error.
func echoed(t *testing.T, status int, body string) *nopayn.APIError {
	t.Helper()
	_, err := fixed(t, status, body).GetOrder(t.Context(), orderID)
	refused, _ := errors.AsType[*nopayn.APIError](err)
	return refused
}

func TestWhatIsNoSecretStays(t *testing.T) {
	for _, body := range []string{
		`{"error": {"value": "Caff\u00e8 is not sold here", "status": 4e2}, "padding": [1, 2.50, true, null]}`,
		`<html>Caff&egrave; 100%</html>`,
	} {
		if err := refusedFor(t, slashed, http.StatusBadRequest, body); string(err.Body) != body {
			t.Errorf("Body = %s, want %s", err.Body, body)
		}
	}
	// What becomes a space must not complete a secret.
	if m := refusedFor(t, slashed, 400, `{"detail":"Via\u0000dell'Orso 1/a"}`).Message; m != "[redacted]" {
		t.Errorf("Message = %q", m)
	}
	err := refusedFor(t, slashed, http.StatusBadRequest, `{"error":{"value":"Niccol\u00f2 is on a list"}}`)
	if want := "[redacted] is on a list"; err.Message != want {
		t.Errorf("Message = %q, want %q", err.Message, want)
	}
	if want := `{"error":{"value":"[redacted] is on a list"}}`; string(err.Body) != want {
		t.Errorf("Body = %s, want %s", err.Body, want)
	}
}

// TestOneSecretInsideOfAnother leaves no rest of the longer one.
func TestOneSecretInsideOfAnother(t *testing.T) {
	c := fixed(t, http.StatusBadRequest, `{"detail":"Rossini lives in Via Rossini 7"}`)
	_, err := c.CreateOrder(t.Context(), nopayn.NewOrder{Amount: 1, Currency: "EUR", Customer: &nopayn.Customer{
		LastName: "Rossini", Address: "Rossini lives in Via",
	}})
	if err == nil || strings.Contains(err.Error(), "lives") || strings.Contains(err.Error(), "Rossini") {
		t.Errorf("the error is %v", err)
	}
}

// What an order tells of its customer, and how that paid, is taken out of the gateway's words on it.
func TestRedact(t *testing.T) {
	order, err := nopayn.ParseOrder([]byte(`{"id":"a","status":"new","amount":1,"currency":"EUR",
		"customer":{"last_name":"Canarinsky","phone_numbers":["+4741414141"],"country":"NO"},
		"transactions":[{"vault_token":"token-41","payment_method_details":{"card":{"holder":"CANARIA P HOLDER"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"a card from NO was declined":                         "a card from NO was declined",
		"Canarinsky, token-41, CANARIA P HOLDER, +4741414141": "[redacted], [redacted], [redacted], [redacted]",
		"declined for Canarin":                                "declined for ", // cut off
		`declined for \u0043anarinsky`:                        "[redacted]",
	} {
		if got := order.Redact(text); got != want {
			t.Errorf("Redact(%q) is %q, want %q", text, got, want)
		}
	}
	if got := new(nopayn.Order).Redact("Canarinsky"); got != "[redacted]" {
		t.Errorf("of an order that was not parsed: %q", got)
	}
}

// What else the gateway knows that is secret stays out of errors, and a log is told no words of the gateway at all.
func TestFurtherSecrets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":{"value":"https://shop.example/hook/canary-token is no URL, Jane"}}`)
	}))
	defer server.Close()
	client, err := nopayn.New(nopayn.Config{
		APIKey: "key", MerchantID: "m", BaseURL: server.URL, Secrets: []string{"", "canary-token"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetOrder(t.Context(), "an-order")
	if err == nil || !strings.Contains(err.Error(), "shop.example/hook/[redacted] is no URL, Jane") {
		t.Errorf("%v", err)
	}
	if got := nopayn.Discreet(fmt.Errorf("in vain: %w", err)); got != "NoPayn API error (HTTP 400)" {
		t.Errorf("for a log: %s", got)
	}
}
