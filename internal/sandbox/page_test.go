package sandbox_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// pagePath is the path of an order's payment page.
func pagePath(id string) string { return "/pay/" + id + "/select-payment-method/" }

// submit sends a form as a browser on the page does.
func (s *shop) submit(path string, form url.Values) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "POST", s.base+path, strings.NewReader(form.Encode()))
	s.do(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	r, err := s.send(req)
	s.do(err)
	return r
}

func cardForm(number string) url.Values {
	return url.Values{"method": {"credit-card"}, "number": {number}, "expiry": {"12 / 99"}, "cvc": {"123"}}
}

func TestPageShowsTheOrder(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(map[string]any{
		"amount": 129500, "description": `<script>alert(1)</script>`, "merchant_order_id": `"><img src=x>`,
	})
	clock.Advance(10 * time.Minute)
	r := s.call("GET", pagePath(id), "")
	if r.status != http.StatusOK || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Fatalf("page: %d %s", r.status, r.header.Get("Content-Type"))
	}
	for _, want := range []string{
		"€1,295.00", "&lt;script&gt;", `data-seconds="1200"`, "2 Mar, 09:45 UTC", "20 min",
		"4111 1111 1111 1111", "5544 3300 0000 0037", "4111 1111 1111 1105", "4111 1111 1111 1151",
		`value="credit-card" checked`, `value="vipps-mobilepay"`, `name="number"`, `name="expiry"`, `name="cvc"`,
		`action="` + pagePath(id) + `"`, `formaction="/pay/` + id + `/cancel/"`, `<html lang="en">`,
		`<title>Pay €1,295.00 · Sandbox payment</title>`, `data-speed="1"`,
		`data-early="Five minutes left to pay." data-late="One minute left to pay."`,
	} {
		if !strings.Contains(r.text, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script>alert", "<img", "style=", "onclick"} {
		if strings.Contains(r.text, bad) {
			t.Errorf("page holds %q", bad)
		}
	}
}

func TestPageIsStrictAboutItsContent(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	r := s.call("GET", pagePath(s.order(nil)), "")
	policy := r.header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
		"frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	// Browsers hold the redirect to the shop against form-action.
	if strings.Contains(policy, "form-action 'self'") || strings.Contains(policy, "form-action 'none'") {
		t.Errorf("policy %q keeps the customer from the shop", policy)
	}
	for _, asset := range regexp.MustCompile(`/pay/assets/[a-z.]+`).FindAllString(r.text, -1) {
		if got := s.call("GET", asset, ""); got.status != 200 || strings.Contains(got.header.Get("Content-Type"), "html") {
			t.Errorf("%s: %d %s", asset, got.status, got.header.Get("Content-Type"))
		}
	}
}

func TestPayingOnThePageLeadsToTheShop(t *testing.T) {
	s := newShop(t, sandbox.Config{ProjectID: "p-1"})
	for _, c := range []struct {
		name, path, number string
		fields             map[string]any
		status, to         string
	}{
		{
			"paid", "", sandbox.CardVisa,
			map[string]any{"return_url": "https://shop.example.com/success"},
			"completed", "https://shop.example.com/success?order_id=ID&project_id=p-1",
		},
		{
			"the shop's own order_id comes first", "", "4111 1111 1111 1111",
			map[string]any{"return_url": "https://shop.example.com/success?order_id=DEMO-1&x=%20#top"},
			"completed", "https://shop.example.com/success?order_id=DEMO-1&x=%20&order_id=ID&project_id=p-1#top",
		},
		{
			"declined", "", sandbox.CardDoNotHonor,
			map[string]any{"failure_url": "https://shop.example.com/failure"},
			"error", "https://shop.example.com/failure?order_id=ID&project_id=p-1",
		},
		{
			"cancelled", "cancel", "",
			map[string]any{"failure_url": "https://shop.example.com/failure?a=1"},
			"cancelled", "https://shop.example.com/failure?a=1&order_id=ID&project_id=p-1",
		},
		{"paid without a return_url", "", sandbox.CardVisa, nil, "completed", "/pay/ID/select-payment-method/"},
		{
			"declined without a failure_url", "", sandbox.CardDoNotHonor,
			map[string]any{"return_url": "https://shop.example.com/success"},
			"error", "/pay/ID/select-payment-method/",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := s.order(c.fields)
			path := pagePath(id)
			if c.path != "" {
				path = "/pay/" + id + "/" + c.path + "/"
			}
			r := s.submit(path, cardForm(c.number))
			want := strings.ReplaceAll(c.to, "ID", id)
			if r.status != http.StatusSeeOther || r.header.Get("Location") != want {
				t.Errorf("answer %d to %q, want 303 to %q", r.status, r.header.Get("Location"), want)
			}
			s.wantStatus(id, c.status)
			if again := s.submit(path, cardForm(c.number)); c.status != "error" && again.header.Get("Location") != want {
				t.Errorf("the same form again leads to %q, want %q", again.header.Get("Location"), want)
			}
		})
	}
}

func TestRetryOnThePage(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.submit(pagePath(id), cardForm(sandbox.CardDoNotHonor))
	page := s.call("GET", pagePath(id), "")
	if !strings.Contains(page.text, "Your bank declined the payment") || !strings.Contains(page.text, `name="number"`) {
		t.Error("page of a declined order does not say why, or has no form")
	}
	s.submit(pagePath(id), cardForm(sandbox.CardMastercard))
	if doc := s.read(id); doc["status"] != "completed" || len(doc["transactions"].([]any)) != 2 {
		t.Errorf("after the retry: %v", doc)
	}
	done := s.call("GET", pagePath(id), "")
	if !strings.Contains(done.text, "Payment complete") || strings.Contains(done.text, "<form") {
		t.Error("page of a paid order does not say so, or still has a form")
	}
}

func TestCardFormMistakes(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(nil)
	for _, c := range []struct {
		name, field, value, says string
	}{
		{"no number", "number", "", "not a card number"},
		{"letters", "number", "4111x", "not a card number"},
		{"failing the Luhn check", "number", "4111 1111 1111 1112", "not a card number"},
		{"a card that is no test card", "number", "4242424242424242", "not a test card"},
		{"no date", "expiry", "", "month and year"},
		{"month 13", "expiry", "13/30", "month and year"},
		{"last month", "expiry", "02/26", "has expired"},
		{"no code", "cvc", "", "three digits"},
		{"two digits", "cvc", "12", "three digits"},
		{"four digits, of a Visa", "cvc", "1234", "three digits"},
		{"markup", "number", `"><script>x`, "not a card number"},
	} {
		form := cardForm(sandbox.CardVisa)
		form.Set(c.field, c.value)
		r := s.submit(pagePath(id), form)
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.text, c.says) {
			t.Errorf("%s: answer %d, want 422 that says %q", c.name, r.status, c.says)
		}
		if !strings.Contains(r.text, `aria-describedby="`+c.field+`-error"`) || strings.Contains(r.text, "<script>x") {
			t.Errorf("%s: the field is not marked, or not escaped", c.name)
		}
		if !strings.Contains(r.text, "<title>Please check: Pay") {
			t.Errorf("%s: the title does not say that something is to be mended", c.name)
		}
	}
	if doc := s.read(id); doc["status"] != "new" || doc["transactions"] != nil {
		t.Errorf("a mistake in the form changed the order: %v", doc)
	}
	for _, expiry := range []string{"03/26", "03 / 26", "0326", "03/2026"} { // valid to the end of its month
		id := s.order(nil)
		form := cardForm(sandbox.CardVisa)
		form.Set("expiry", expiry)
		s.submit(pagePath(id), form)
		tx := s.read(id)["transactions"].([]any)[0].(map[string]any)
		want := `{"card_expiry":"032026","cardholder_name":null,"truncated_pan":"1111"}`
		if got := mustJSON(t, tx["payment_method_details"]); got != want {
			t.Errorf("paid with expiry %s: details %s, want %s", expiry, got, want)
		}
	}
}

func TestTestCardsFillInTheForm(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	page := s.call("GET", pagePath(s.order(nil))+"?card=4111111111111105", "")
	for _, want := range []string{`value="4111 1111 1111 1105"`, `value="123"`} {
		if !strings.Contains(page.text, want) {
			t.Errorf("page lacks %s", want)
		}
	}
	page = s.call("GET", pagePath(s.order(nil))+"?card=4242424242424242", "")
	if strings.Contains(page.text, "4242") {
		t.Error("a number that is no test card was filled in")
	}
}

func TestMethodsOffered(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		name   string
		fields map[string]any
		want   string
	}{
		{"all that take euros", nil, "credit-card vipps-mobilepay apple-pay google-pay"},
		{"all that take dollars", map[string]any{"currency": "USD"}, "credit-card"},
		{
			"those the shop wants",
			map[string]any{"payment_methods": []string{"apple-pay", "credit-card"}},
			"credit-card apple-pay",
		},
		{
			"those prepared",
			map[string]any{"transactions": []any{map[string]any{"payment_method": "google-pay"}}},
			"google-pay",
		},
		{"none", map[string]any{"currency": "USD", "payment_methods": []string{"apple-pay"}}, ""},
	} {
		page := s.call("GET", pagePath(s.order(c.fields)), "")
		var got []string
		for _, m := range regexp.MustCompile(`name="method" value="([^"]+)"`).FindAllStringSubmatch(page.text, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: offered %v, want %s", c.name, got, c.want)
		}
	}
}

func TestWallets(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for outcome, status := range map[string]string{"approve": "completed", "refuse": "error"} {
		id := s.order(nil)
		s.submit(pagePath(id), url.Values{"method": {"vipps-mobilepay"}, "outcome": {outcome}})
		doc := s.read(id)
		tx := doc["transactions"].([]any)[0].(map[string]any)
		if doc["status"] != status || tx["payment_method"] != "vipps-mobilepay" || tx["payment_method_brand"] != nil {
			t.Errorf("%s: order is %v by %v, want %s", outcome, doc["status"], tx["payment_method"], status)
		}
	}
	id := s.order(map[string]any{"payment_methods": []string{"credit-card"}})
	if r := s.submit(pagePath(id), url.Values{"method": {"apple-pay"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a method that is not offered: %d, want 422 from the card form", r.status)
	}
}

func TestPageOfAnOrderThatIsOver(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	back := map[string]any{"return_url": "https://shop.example.com/a", "failure_url": "https://shop.example.com/b"}
	manual := withMembers(back, map[string]any{"capture_mode": "manual"})
	for _, c := range []struct {
		fields   map[string]any
		walk     func(string) error
		says, to string
	}{
		{back, s.paid, "Payment complete", "https://shop.example.com/a?order_id="},
		{manual, s.paid, "Payment reserved", "https://shop.example.com/a?order_id="},
		{back, s.g.Cancel, "Payment cancelled", "https://shop.example.com/b?order_id="},
		{back, s.g.Expire, "The time to pay is over", "https://shop.example.com/b?order_id="},
		{back, func(id string) error { return s.g.SetStatus(id, "on-hold-review") }, "on-hold-review", ""},
	} {
		id := s.order(c.fields)
		s.do(c.walk(id))
		page := s.call("GET", pagePath(id), "")
		if !strings.Contains(page.text, c.says) || !strings.Contains(page.text, c.to) {
			t.Errorf("page lacks %q or %q", c.says, c.to)
		}
		if strings.Contains(page.text, "<form") {
			t.Errorf("%s: page still has a form", c.says)
		}
		before := mustJSON(t, s.read(id))
		if r := s.submit(pagePath(id), cardForm(sandbox.CardVisa)); r.status != http.StatusSeeOther {
			t.Errorf("%s: a late form is answered %d, want 303", c.says, r.status)
		}
		if after := mustJSON(t, s.read(id)); after != before {
			t.Errorf("%s: a late form changed the order", c.says)
		}
	}
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example.com"}},
	} {
		for _, path := range []string{pagePath(id), "/pay/" + id + "/cancel/"} {
			req, err := http.NewRequest("POST", s.base+path, strings.NewReader(cardForm(sandbox.CardVisa).Encode()))
			s.do(err)
			req.Header = header.Clone()
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r, err := s.send(req)
			s.do(err)
			if r.status != http.StatusForbidden {
				t.Errorf("form with %v: %d, want 403", header, r.status)
			}
		}
	}
	s.wantStatus(id, "new")
}

func TestPageOfAnUnknownOrder(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	r := s.call("GET", pagePath("<b>x"), "")
	if r.status != http.StatusNotFound || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("answer is %d %s, want a 404 page", r.status, r.header.Get("Content-Type"))
	}
	if r := s.submit(pagePath("x"), cardForm(sandbox.CardVisa)); r.status != http.StatusNotFound {
		t.Errorf("form: %d, want 404", r.status)
	}
}

func TestAmountsForPeople(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{5, "EUR", "€0.05"},
		{1295, "GBP", "£12.95"},
		{123456789, "USD", "$1,234,567.89"},
		{99900, "NOK", "NOK\u00a0999.00"},
		{1500, "JPY", "JPY\u00a01,500"},
		{1234, "KWD", "KWD\u00a01.234"},
	} {
		page := s.call("GET", pagePath(s.order(map[string]any{"amount": c.minor, "currency": c.currency})), "")
		if !strings.Contains(page.text, `<h1 class="amount">`+c.want+`</h1>`) {
			t.Errorf("page of %d %s lacks %s", c.minor, c.currency, c.want)
		}
	}
}

// TestOlderAddressLeadsToTheTransactionsPage follows the address that older orders named (CONTRACT 2, H2).
func TestOlderAddressLeadsToTheTransactionsPage(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"transactions": []any{
		map[string]any{"payment_method": "credit-card"}, map[string]any{"payment_method": "vipps-mobilepay"},
	}, "currency": "NOK"})
	s.order(nil) // another, which has none
	for _, member := range s.read(id)["transactions"].([]any) {
		tx := member.(map[string]any)
		for _, slash := range []string{"", "/"} {
			r := s.call("GET", "/redirect/"+tx["id"].(string)+"/to/payment"+slash, "")
			if to := s.base + r.header.Get("Location"); r.status != http.StatusSeeOther || to != tx["payment_url"] {
				t.Errorf("status %d to %s, want 303 to %v", r.status, to, tx["payment_url"])
			}
		}
	}
	if r := s.call("GET", "/redirect/unknown/to/payment/", ""); r.status != http.StatusNotFound {
		t.Errorf("an unknown transaction: status %d, want 404", r.status)
	}
}
