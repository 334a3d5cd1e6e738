package demoshop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProductPageHasTheForm(t *testing.T) {
	s := newStreet(t)
	page := s.get(t, "/")
	if page.StatusCode != http.StatusOK {
		t.Fatalf("GET /: %s", page.Status)
	}
	for _, want := range []string{
		`<form method="post" action="/pay"`, `name="amount" value="9.95"`, `name="currency"`, `<option value="EUR" selected `,
		`<option value="DKK"`, `<button class="primary" id="pay" type="submit">`, `<label for="amount">`,
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPayCreatesRegistersAndSendsToTheGateway(t *testing.T) {
	s := newStreet(t)
	a := s.pay(t, checkout("12.95", "GBP"))
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /pay: %s", a.Status)
	}
	if got, want := a.Header.Get("Location"), s.gateway.url+"/pay/gw-1/select-payment-method/"; got != want {
		t.Errorf("sent to %s, want %s", got, want)
	}
	created := s.gateway.last(t)
	ref, _ := created["merchant_order_id"].(string)
	want := map[string]any{
		"amount": json.Number("1295"), "currency": "GBP", "merchant_order_id": ref,
		"description": "Night Shift Espresso", "expiration_period": "PT30M", "webhook_url": webhookURL,
		"return_url": s.shop + "/order/" + ref, "failure_url": s.shop + "/order/" + ref, "locale": "en-GB",
	}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("create request (-want +got):\n%s", diff)
	}
	if !regexp.MustCompile(`^DEMO-[A-Z0-9]{12}$`).MatchString(ref) {
		t.Errorf("reference %q", ref)
	}
	registered := fmt.Sprintf(`{"merchant_order_id":%q,"amount":1295,"currency":"GBP"}`, ref)
	if got := s.service.registration("gw-1"); got != registered {
		t.Errorf("registered %s, want %s", got, registered)
	}
}

func TestReferencesDiffer(t *testing.T) {
	s := newStreet(t)
	seen := map[string]bool{}
	for range 20 {
		ref, _ := s.order(t)
		seen[ref] = true
	}
	if len(seen) != 20 {
		t.Errorf("20 orders have %d references", len(seen))
	}
}

// TestEveryAmountArrivesExactly walks all prices up to 20.00: the way over a float would lose a cent at 137 of them
// (CONTRACT 4.7 W25).
func TestEveryAmountArrivesExactly(t *testing.T) {
	s := newStreet(t)
	for minor := 1; minor <= 2000; minor++ {
		text := fmt.Sprintf("%d.%02d", minor/100, minor%100)
		if minor%2 == 0 {
			text = strings.Replace(text, ".", ",", 1)
		}
		if a := s.pay(t, checkout(text, "EUR")); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s", text, a.Status)
		}
		want := fmt.Sprint(minor)
		if got := fmt.Sprint(s.gateway.last(t)["amount"]); got != want {
			t.Fatalf("%s arrived at the gateway as %s, want %s", text, got, want)
		}
		registered := s.service.registration(fmt.Sprintf("gw-%d", minor))
		if !strings.Contains(registered, `"amount":`+want+`,`) {
			t.Fatalf("%s was registered as %s, want amount %s", text, registered, want)
		}
	}
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	s := newStreet(t)
	for text, want := range map[string]string{
		"5": "500", "5.0": "500", "5,5": "550", " 9.95 ": "995", "0.01": "1", "007.10": "710", "99999.99": "9999999",
		strings.Repeat("0", 40) + "1": "100",
	} {
		if a := s.pay(t, checkout(text, "EUR")); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%q: %s", text, a.Status)
			continue
		}
		if got := fmt.Sprint(s.gateway.last(t)["amount"]); got != want {
			t.Errorf("%q arrived as %s, want %s", text, got, want)
		}
	}
}

func TestBadFormsAreShownAgain(t *testing.T) {
	const inDigits, tooLittle, tooMuch = "Write the amount in digits", "must be at least 0.01", "must be at most 99999.99"
	s := newStreet(t)
	for _, c := range []struct{ amount, currency, want string }{
		{"", "EUR", inDigits},
		{"  ", "EUR", inDigits},
		{".", "EUR", inDigits},
		{".5", "EUR", inDigits},
		{"5.", "EUR", inDigits},
		{"-1", "EUR", inDigits},
		{"+1", "EUR", inDigits},
		{"1e3", "EUR", inDigits},
		{"0x10", "EUR", inDigits},
		{"NaN", "EUR", inDigits},
		{"1.2.3", "EUR", inDigits},
		{"1,234.50", "EUR", inDigits},
		{"1 000", "EUR", inDigits},
		{"٩.٩٥", "EUR", inDigits},
		{"9.95\x00", "EUR", inDigits},
		{`"><script>alert(1)</script>`, "EUR", inDigits},
		{"1,234", "EUR", "EUR has 2 digits behind the point"},
		{"9.955", "SEK", "SEK has 2 digits behind the point"},
		{"0", "EUR", tooLittle},
		{"0.00", "EUR", tooLittle},
		{"100000", "EUR", tooMuch},
		{"9223372036854775808", "EUR", tooMuch},
		{strings.Repeat("9", 400), "EUR", tooMuch},
		{"9.95", "", "Choose one of the currencies"},
		{"9.95", "eur", "Choose one of the currencies"},
		{"9.95", "XXX", "Choose one of the currencies"},
		{"9.95", "<i>", "Choose one of the currencies"},
		{"x", "XXX", "Choose one of the currencies"},
		{"x", "XXX", inDigits},
	} {
		a := s.pay(t, checkout(c.amount, c.currency))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.want) {
			t.Errorf("%q %q: %s, want 422 with %q", c.amount, c.currency, a.Status, c.want)
		}
		if strings.Contains(a.body, "<script>") || strings.Contains(a.body, "<i>") {
			t.Errorf("%q %q: the page repeats markup as markup", c.amount, c.currency)
		}
	}
	if n := s.gateway.count(); n != 0 {
		t.Errorf("%d orders were created", n)
	}
}

func TestWhatWasTypedIsKept(t *testing.T) {
	s := newStreet(t)
	page := s.pay(t, checkout("12,345", "SEK")).body
	for _, want := range []string{
		`value="12,345"`, `<option value="SEK" selected`, `aria-invalid="true"`, `id="amount-error" role="alert"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestALongFormIsRefused(t *testing.T) {
	s := newStreet(t)
	form := checkout("9.95", "EUR")
	form.Set("note", strings.Repeat("x", 20<<10))
	if a := s.pay(t, form); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("POST of 20 KiB: %s, want 413", a.Status)
	}
	if a := s.pay(t, url.Values{}, "Content-Type", "application/x-www-form-urlencoded; charset=%"); a.StatusCode < 400 {
		t.Errorf("POST with a broken content type: %s", a.Status)
	}
	if n := s.gateway.count(); n != 0 {
		t.Errorf("%d orders were created", n)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := newStreet(t)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
	} {
		if a := s.pay(t, checkout("9.95", "EUR"), header...); a.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s, want 403", header, a.Status)
		}
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", s.shop}} {
		if a := s.pay(t, checkout("9.95", "EUR"), header...); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%v: %s, want 303", header, a.Status)
		}
	}
}

// TestNobodyIsSentToPayInVain covers what can go wrong before the customer leaves: in each case no payment page is
// handed out, the shop keeps no order, and no key or inner text is shown.
func TestNobodyIsSentToPayInVain(t *testing.T) {
	answering := func(status int, body string) func(*street) {
		return func(s *street) {
			s.gateway.status, s.gateway.body = status, strings.ReplaceAll(body, "BASE", s.gateway.url)
		}
	}
	const nothing, unsure = "Nothing was ordered", "answer was lost"
	const order = `{"id":"gw-1","status":"new","amount":1,"currency":"EUR",`
	for _, c := range []struct {
		name, want string
		spoil      func(*street)
	}{
		{"gateway refuses", nothing, answering(400, `{"error":{"value":"inner text"}}`)},
		{"gateway redirects", nothing, answering(307, "")},
		{"gateway redirects after the work", unsure, answering(302, "")},
		{"gateway is broken", unsure, answering(503, "")},
		{"answer is no JSON", unsure, answering(201, "<html>inner text")},
		{"answer is empty", unsure, answering(201, " ")},
		{"no id", unsure, answering(201, `{"order_url":"BASE/pay/"}`)},
		{"id leads elsewhere", unsure, answering(201, `{"id":"../events","order_url":"BASE/pay/"}`)},
		{"no status", unsure, answering(201, `{"id":"gw-1"}`)},
		{"no page", nothing, answering(201, order+`"order_url":""}`)},
		{"page at another host", nothing, answering(201, order+`"order_url":"http://elsewhere.example/pay/gw-1/"}`)},
		{"page is a script", nothing, answering(201, order+`"order_url":"javascript:alert(1)"}`)},
		{"page is no web page", nothing, answering(201, order+`"transactions":[{"payment_url":"ftp://x/"}]}`)},
		{"webhookd is broken", nothing, func(s *street) { s.service.setBroken(true) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStreet(t)
			c.spoil(s)
			a := s.pay(t, checkout("9.95", "EUR"))
			if a.StatusCode != http.StatusBadGateway || !strings.Contains(a.body, c.want) {
				t.Errorf("%s, want 502 that says %q", a.Status, c.want)
			}
			for _, secret := range []string{gatewayKey, serviceKey, "inner text", "gw-1"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("the page shows %q", secret)
				}
			}
			s.service.setBroken(false)
			if list := s.get(t, "/orders"); !strings.Contains(list.body, "Nobody has ordered yet") {
				t.Error("the shop keeps the order")
			}
		})
	}
}

// TestPayPagePrecedence is CONTRACT 2.1: transaction, order, then the old member.
func TestPayPagePrecedence(t *testing.T) {
	for _, c := range []struct{ members, want string }{
		{`"transactions":[{"payment_url":"BASE/a"}],"order_url":"BASE/b","payment_url":"BASE/c"`, "/a"},
		{`"transactions":[],"order_url":"BASE/b","payment_url":"BASE/c"`, "/b"},
		{`"transactions":[{}],"order_url":"BASE/b"`, "/b"},
		{`"payment_url":"BASE/c"`, "/c"},
	} {
		s := newStreet(t)
		s.gateway.body = `{"id":"gw-1","status":"new","amount":1,"currency":"EUR",` + strings.ReplaceAll(c.members, "BASE", s.gateway.url) + `}`
		if got := s.pay(t, checkout("9.95", "EUR")).Header.Get("Location"); got != s.gateway.url+c.want {
			t.Errorf("%s: sent to %q, want %s", c.members, got, c.want)
		}
	}
}
