package nopayn_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"webhookd/internal/nopayn"
)

// unusable fails unless err is one of the package's that leaves the outcome of what is not a read open.
func unusable(t *testing.T, err error, reads bool) {
	t.Helper()
	if _, ok := errors.AsType[nopayn.Error](err); !ok {
		t.Fatalf("error %v of type %T is none of the package's", err, err)
	}
	if !reads && nopayn.NotDone(err) && !isRefusal(err) {
		t.Errorf("%v says that nothing was done", err)
	}
}

func FuzzRefund(f *testing.F) {
	seed(f)
	f.Add([]byte(refundedOrder + `"refund_orders":["o-2",{"id":"o-3"}],"refunded_amount":500}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := fixed(t, 201, string(body)).CreateRefund(t.Context(), orderID, nopayn.NewRefund{Amount: 500})
		if err != nil {
			unusable(t, err, false)
			return
		}
		if r.Accepted() && r.Refused() {
			t.Errorf("a refund that is %q is accepted and refused", r.Status)
		}
		if r.ID == orderID || r.IsOrder && !nopayn.ValidID(r.ID) || r.Amount != 0 && r.Amount != 500 {
			t.Errorf("read as %+v", r)
		}
		if r.ID != text(members(body)["id"]) && (r.Order == nil || len(r.Order.RefundOrders) != 1) && r.ID != "" {
			t.Errorf("%q is a guess", r.ID)
		}
	})
}

func FuzzListOrders(f *testing.F) {
	seed(f)
	f.Add([]byte(`[{"id":"o-1","status":7},{"id":1},null,` + orderAnswer + `]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		since, until := hour()
		orders, err := fixed(t, 200, string(body)).ListOrders(t.Context(), since, until)
		var entries []json.RawMessage
		isList := json.Unmarshal(body, &entries) == nil && entries != nil
		if err != nil {
			unusable(t, err, true)
		}
		if (err == nil) != (isList && len(orders) == len(entries)) {
			t.Errorf("%d orders of %d entries, and %v", len(orders), len(entries), err)
		}
		for _, o := range orders {
			if !nopayn.ValidID(o.ID) || text(members(o.Raw)["id"]) != o.ID {
				t.Errorf("listed %+v", o)
			}
		}
	})
}

func FuzzSearchOrders(f *testing.F) {
	seed(f)
	f.Add([]byte(`{"hits":1,"orders":[{"amount":1295,"currency":"EUR"},{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := fixed(t, 200, string(body)).SearchOrders(t.Context(), nil)
		if err != nil {
			unusable(t, err, true)
			return
		}
		var orders []json.RawMessage
		json.Unmarshal(members(body)["orders"], &orders) // absent is none
		if len(orders) != len(found.Orders) || found.Hits < 0 || members(found.Raw) == nil {
			t.Errorf("found %d of %d, %d hits", len(found.Orders), len(orders), found.Hits)
		}
	})
}

func FuzzPaymentLink(f *testing.F) {
	seed(f)
	f.Add([]byte(linkAnswer))
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := fixed(t, 200, string(body)).GetPaymentLink(t.Context(), "l-1")
		if err != nil {
			unusable(t, err, true)
			return
		}
		if !nopayn.ValidID(l.ID) || l.PaymentURL == "" || l.Amount < 0 || l.ID != text(members(body)["id"]) {
			t.Errorf("read as %+v", l)
		}
	})
}

func FuzzCurrencies(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := fixed(t, 200, string(body)).ProjectCurrencies(t.Context())
		if err != nil {
			unusable(t, err, true)
			return
		}
		// encoding/json takes names that are no UTF-8 for one another.
		if methods := members(members(body)["payment_methods"]); utf8.Valid(body) && len(methods) != len(c.ByMethod) {
			t.Errorf("%d methods of %d", len(c.ByMethod), len(methods))
		}
	})
}

func FuzzMoved(f *testing.F) {
	seed(f)
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := fixed(t, 200, string(body)).Capture(t.Context(), orderID, attemptID, nopayn.Movement{})
		if err != nil {
			unusable(t, err, false)
			return
		}
		if m.Raw != nil && members(m.Raw) == nil {
			t.Errorf("Raw = %s", m.Raw)
		}
	})
}

// FuzzParts reads an order's lines and its customer.
func FuzzParts(f *testing.F) {
	seed(f)
	f.Add([]byte(`[{"quantity":1,"amount":-5,"vat_percentage":2100}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o := &nopayn.Order{OrderLines: raw, Customer: raw}
		lines, err := o.Lines()
		var items []json.RawMessage
		if json.Unmarshal(raw, &items); err == nil && len(lines) != len(items) {
			t.Errorf("%d lines of %d", len(lines), len(items))
		}
		if c := o.CustomerData(); c != nil && c.FirstName != text(members(raw)["first_name"]) {
			t.Errorf("CustomerData = %+v", c)
		}
	})
}

func FuzzFormatAmount(f *testing.F) {
	for _, currency := range []string{"EUR", "jpy", "KWD", "CLF", ""} {
		f.Add(int64(1295), currency)
		f.Add(int64(math.MinInt64), currency)
	}
	f.Fuzz(func(t *testing.T, minor int64, currency string) {
		written := nopayn.FormatAmount(minor, currency)
		unsigned, negative := strings.CutPrefix(written, "-")
		if negative != (minor < 0) {
			t.Fatalf("%d is written %s", minor, written)
		}
		if minor == math.MinInt64 {
			return // is one more than can be read
		}
		if read, err := nopayn.ParseAmount(unsigned, currency); err != nil || read != max(minor, -minor) {
			t.Errorf("%d is written %s, which reads %d, %v", minor, written, read, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7", "")
	f.Add("Mon, 02 Mar 2026 09:17:30 GMT", "Mon, 02 Mar 2026 09:15:00 GMT")
	f.Add("-99999999999999999999", "x")
	f.Fuzz(func(t *testing.T, header, date string) {
		c := dial(t, nopayn.Config{HTTPClient: respond(func(*http.Request) (*http.Response, error) {
			res := answer(http.StatusTooManyRequests, "")
			res.Header.Set("Retry-After", header)
			res.Header.Set("Date", date)
			return res, nil
		})})
		err := failure[*nopayn.APIError](t, t.Context(), c)
		if err.RetryAfter < 0 || err.RetryAfter > time.Hour {
			t.Errorf("RetryAfter = %v", err.RetryAfter)
		}
	})
}

// FuzzEscapedSecret has the gateway send back the key and a customer's name, each character as it is or escaped.
func FuzzEscapedSecret(f *testing.F) {
	f.Add(uint64(0), `{"error":{"value":"`, `"}}`)
	f.Add(uint64(1)<<63|5, `<p>`, `</p>`)
	f.Add(uint64(math.MaxUint64), `{"detail":["`, `"]}`)
	f.Fuzz(func(t *testing.T, escaped uint64, before, after string) {
		const name = `Niccolò "Nico"`
		for _, secret := range []string{slashed, name} {
			body := before + escape(secret, escaped) + after
			c := dial(t, nopayn.Config{APIKey: slashed, HTTPClient: respond(func(*http.Request) (*http.Response, error) {
				return answer(http.StatusBadRequest, body), nil
			})})
			_, err := c.CreateOrder(t.Context(), nopayn.NewOrder{
				Amount: 1, Currency: "EUR", Customer: &nopayn.Customer{FirstName: name},
			})
			refused, ok := errors.AsType[*nopayn.APIError](err)
			if !ok {
				t.Fatalf("error %v of type %T, want an APIError", err, err)
			}
			for _, told := range []string{refused.Message, refused.Type, refused.Property, string(refused.Body)} {
				if strings.Contains(told, secret) || strings.Contains(told, escape(secret, escaped)) {
					t.Errorf("%s is left in %s of %s", secret, told, body)
				}
			}
		}
	})
}

// escape writes text for the inside of a JSON string, with the characters that the bits name as \u escapes.
func escape(text string, bits uint64) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for i, r := range []rune(text) {
		switch {
		case bits>>(i%64)&1 == 1 && r < 0x10000:
			out.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				out.WriteByte(digits[r>>shift&15])
			}
		case r == '"', r == '/':
			out.WriteString(`\` + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
