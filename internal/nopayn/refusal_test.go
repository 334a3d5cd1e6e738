package nopayn_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"webhookd/internal/nopayn"
)

func TestErrorBodiesFixture(t *testing.T) {
	for _, tt := range fixtureCases[errorBody](t, "22_error_bodies.json") {
		t.Run(tt.Name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.Type)
				w.WriteHeader(tt.Status)
				w.Write([]byte(tt.Body))
			})
			err := failure[*nopayn.APIError](t, t.Context(), c)
			if err.StatusCode != tt.Status || err.Message != tt.Message || err.Operation != "get_order" {
				t.Errorf("got %s, HTTP %d, %q; want get_order, HTTP %d, %q",
					err.Operation, err.StatusCode, err.Message, tt.Status, tt.Message)
			}
			want := fmt.Sprintf("NoPayn API error (HTTP %d): %s", tt.Status, tt.Message)
			if err.Property != "" {
				want += " (at " + err.Property + ")"
			}
			if err.Error() != want {
				t.Errorf("Error() = %q, want %q", err, want)
			}
			if property := map[string]string{"nested value": "amount"}[tt.Name]; err.Property != property {
				t.Errorf("Property = %q, want %q", err.Property, property)
			}
			if string(err.Body) != tt.Body {
				t.Errorf("Body = %q, want %q", err.Body, tt.Body)
			}
		})
	}
}

func TestRefusalMessage(t *testing.T) {
	tests := map[string]struct{ body, message, kind string }{
		"type when nothing else":     {`{"error":{"type":"ValidationError"}}`, "ValidationError", "ValidationError"},
		"value first":                {`{"error":{"message":"b","value":"a","type":"T"}}`, "a", "T"},
		"empty value is passed over": {`{"error":{"value":"  ","message":"b"}}`, "b", ""},
		"empty object value":         {`{"error":{"value":{},"message":"b"}}`, "b", ""},
		"null value":                 {`{"error":{"value":null,"message":"b"}}`, "b", ""},
		"string alone":               {`{"error":"Unauthorized"}`, "Unauthorized", "Unauthorized"},
		"string and message":         {`{"error":"Unauthorized","message":"m"}`, "m", "Unauthorized"},
		"detail before message":      {`{"detail":"d","message":"m"}`, "d", ""},
		"detail behind an error":     {`{"error":{},"detail":"d"}`, "d", ""},
		"detail a list":              {`{"detail":[{"loc": ["amount"]}]}`, `[{"loc":["amount"]}]`, ""},
		"number":                     {`{"error":{"value":42}}`, "42", ""},
		"other case":                 {`{"Error":{"value":"a"},"Detail":"d"}`, "Unknown error", ""},
		"control characters":         {`{"detail":"a\u0000b\nlevel=ERROR\u2028\u001b[0m"}`, "a b level=ERROR  [0m", ""},
		"a JSON string":              {`"oops"`, "Unknown error", ""},
		"cut":                        {`{"detail":"d"`, "Invalid JSON response", ""},
		"white space":                {" \r\n", "Unknown error", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusBadRequest, tt.body))
			if err.Message != tt.message || err.Type != tt.kind {
				t.Errorf("got %q of type %q, want %q of type %q", err.Message, err.Type, tt.message, tt.kind)
			}
		})
	}
}

func TestRefusalIsBounded(t *testing.T) {
	long := strings.Repeat("è", 300)
	err := failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusBadRequest, `{"error":{"type":"`+long+
		`","value":"`+long+`","property_path":"`+long+`"}}`))
	if n := utf8.RuneCountInString(err.Property); n != 200 {
		t.Errorf("Property has %d characters, want 200", n)
	}
	if n := utf8.RuneCountInString(err.Message); n != 200 {
		t.Errorf("Message has %d characters, want 200", n)
	}
	if n := utf8.RuneCountInString(err.Type); n != 200 {
		t.Errorf("Type has %d characters, want 200", n)
	}
	err = failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusBadGateway, strings.Repeat("x", 1<<20)))
	if len(err.Body) != 64<<10 {
		t.Errorf("Body has %d bytes, want 64 KiB", len(err.Body))
	}
}

// TestLargeRefusalUnderSuccess has its message beyond what is kept of the body.
func TestLargeRefusalUnderSuccess(t *testing.T) {
	body := `{"padding":"` + strings.Repeat("x", 100_000) + `","error":{"value":"order does not exist"}}`
	err := failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusOK, body))
	if err.Message != "order does not exist" || len(err.Body) != 64<<10 {
		t.Errorf("Message = %q with %d bytes of body", err.Message, len(err.Body))
	}
}

func TestAnErrorThatSaysNothingBesideAnOrderIsNone(t *testing.T) {
	for _, nothing := range []string{`null`, `""`, `" "`, `false`, `{}`, `[]`, `{ }`, `[ ]`} {
		body := `{"id":"` + orderID + `","status":"new","amount":1,"currency":"EUR","error":` + nothing + `}`
		if _, err := fixed(t, http.StatusOK, body).GetOrder(t.Context(), orderID); err != nil {
			t.Errorf("error %s: GetOrder: %v", nothing, err)
		}
		if _, err := fixed(t, http.StatusCreated, body).CreateOrder(t.Context(), nopayn.NewOrder{
			Amount: 1, Currency: "EUR",
		}); err != nil {
			t.Errorf("error %s: CreateOrder: %v", nothing, err)
		}
	}
	for _, something := range []string{`true`, `0`, `"x"`, `{"a":1}`, `["x"]`} {
		body := `{"id":"` + orderID + `","status":"new","amount":1,"currency":"EUR","error":` + something + `}`
		failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusOK, body))
	}
}

func TestEchoedKeyIsTakenOut(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte(canary + ":"))
	body := `{"error":{"type":"` + canary + `","value":"bad key ` + canary + ` in Basic ` + basic + `"}}`
	for _, status := range []int{http.StatusUnauthorized, http.StatusOK} {
		err := failure[*nopayn.APIError](t, t.Context(), fixed(t, status, body))
		if all := err.Type + err.Message + string(err.Body); strings.Contains(all, canary) || strings.Contains(all, basic) {
			t.Errorf("HTTP %d: the key is left in %q", status, all)
		}
		if want := "bad key [redacted] in Basic [redacted]"; err.Message != want {
			t.Errorf("HTTP %d: Message = %q, want %q", status, err.Message, want)
		}
	}
}

func TestTemporary(t *testing.T) {
	tests := map[int]bool{
		200: false, 302: false, 400: false, 401: false, 403: false, 404: false, 408: true, 409: false, 412: false,
		422: false, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true,
	}
	for status, want := range tests {
		err := failure[*nopayn.APIError](t, t.Context(), fixed(t, status, `{"error":"x"}`))
		if err.Temporary() != want {
			t.Errorf("HTTP %d: Temporary = %t, want %t", status, err.Temporary(), want)
		}
	}
}

// TestInnerStatus has refusals under a success tell their status inside.
func TestInnerStatus(t *testing.T) {
	for status, want := range map[string]struct {
		inner     int
		temporary bool
	}{
		`400`: {400, false}, `"404"`: {404, false}, `"408"`: {408, true}, `429`: {429, true}, `"503"`: {503, true},
		`504`: {504, true}, `""`: {0, false}, `"5xx"`: {0, false}, `503.5`: {0, false}, `99`: {0, false}, `600`: {0, false},
		`[503]`: {0, false},
	} {
		body := `{"error":{"status":` + status + `}}`
		err := failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusOK, body))
		if err.InnerStatus != want.inner || err.Temporary() != want.temporary {
			t.Errorf("status %s: read %d, temporary %t, want %+v", status, err.InnerStatus, err.Temporary(), want)
		}
		err = failure[*nopayn.APIError](t, t.Context(), fixed(t, http.StatusBadRequest, body))
		if err.InnerStatus != want.inner || err.Temporary() {
			t.Errorf("400 with status %s inside: temporary %t, inner status %d", status, err.Temporary(), err.InnerStatus)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Mon, 02 Mar 2026 09:15:00 GMT"
	tests := map[string]struct {
		header, date string
		want         time.Duration
	}{
		"absent":          {"", date, 0},
		"seconds":         {"7", date, 7 * time.Second},
		"zero":            {"0", date, 0},
		"negative":        {"-5", date, 0},
		"too long":        {"86400", date, time.Hour},
		"beyond 64 bits":  {"99999999999999999999", date, time.Hour},
		"fraction":        {"1.5", date, 0},
		"garbage":         {"soon", date, 0},
		"date":            {"Mon, 02 Mar 2026 09:17:30 GMT", date, 150 * time.Second},
		"date gone by":    {"Mon, 02 Mar 2026 09:00:00 GMT", date, 0},
		"date far away":   {"Fri, 31 Dec 9999 23:59:59 GMT", date, time.Hour},
		"no clock to ask": {"Fri, 31 Dec 9999 23:59:59 GMT", "", time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := dial(t, nopayn.Config{HTTPClient: respond(func(*http.Request) (*http.Response, error) {
				res := answer(http.StatusTooManyRequests, "")
				res.Header.Set("Retry-After", tt.header)
				res.Header.Set("Date", tt.date)
				return res, nil
			})})
			if err := failure[*nopayn.APIError](t, t.Context(), c); err.RetryAfter != tt.want {
				t.Errorf("RetryAfter = %v, want %v", err.RetryAfter, tt.want)
			}
		})
	}
}
