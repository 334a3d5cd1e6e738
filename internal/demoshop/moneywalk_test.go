package demoshop_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// digits are those behind the point, of the currencies that the shop sells in.
var digits = map[string]int{
	"EUR": 2, "GBP": 2, "USD": 2, "NOK": 2, "SEK": 2, "DKK": 2, "JPY": 0, "KWD": 3,
}

// typed writes minor units as a customer does.
func typed(minor, digits int, mark string) string {
	if digits == 0 {
		return fmt.Sprint(minor)
	}
	text := fmt.Sprintf("%0*d", digits+1, minor)
	return text[:len(text)-digits] + mark + text[len(text)-digits:]
}

// TestMoneyWalk takes odd amounts of every currency through both forms: from the product page to the gateway and to
// webhookd, onto the order's page, and back to the customer. The way over a float would lose a unit at some of them
// (CONTRACT 4.7 W25), and whoever takes all amounts for cents is wrong by a factor.
func TestMoneyWalk(t *testing.T) {
	s := newStreet(t)
	s.gateway.moveBody = `{"id":"ref_1","status":"pending"}`
	offered := regexp.MustCompile(`<option value="([A-Z]{3})"`).FindAllStringSubmatch(s.get(t, "/").body, -1)
	if len(offered) != len(digits) {
		t.Errorf("%d currencies are offered, and %d walked", len(offered), len(digits))
	}
	for _, o := range offered {
		code := o[1]
		t.Run(code, func(t *testing.T) {
			for i, minor := range []int{3, 7, 29, 57, 99, 100, 113, 1005, 1013, 1995, 8195, 100_001, 1_234_567, 9_999_999} {
				s.walk(t, code, minor, []string{".", ","}[i%2])
			}
		})
	}
}

// walk pays one amount, of 3 minor units or more, and gives it back in two parts.
func (s *street) walk(t *testing.T, code string, minor int, mark string) {
	t.Helper()
	text := typed(minor, digits[code], mark)
	if a := s.pay(t, checkout(text, code)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s %s: %s", text, code, a.Status)
	}
	created := s.gateway.last(t)
	ref, id := created["merchant_order_id"].(string), fmt.Sprintf("gw-%d", s.gateway.count())
	if created["amount"] != json.Number(fmt.Sprint(minor)) || created["currency"] != code {
		t.Fatalf("%s %s arrived at the gateway as %v %v", text, code, created["amount"], created["currency"])
	}
	registered := fmt.Sprintf(`{"merchant_order_id":%q,"amount":%d,"currency":%q}`, ref, minor, code)
	if got := s.service.registration(id); got != registered {
		t.Fatalf("%s %s: registered %s, want %s", text, code, got, registered)
	}
	given := 0
	for turn, part := range []int{minor / 3, minor - minor/3} {
		s.service.set(id, paidInPart(id, code, minor, given), "")
		page := html.UnescapeString(s.get(t, "/order/"+ref).body)
		for _, want := range []string{
			`name="amount" value="` + typed(minor-given, digits[code], ".") + `"`, typed(minor, digits[code], ".") + "</dd>",
		} {
			if !strings.Contains(page, want) {
				t.Fatalf("%s %s, %d given back: the page lacks %q", text, code, given, want)
			}
		}
		s.giveBack(t, ref, fmt.Sprint(turn), typed(part, digits[code], mark), part)
		given += part
	}
}

// giveBack sends the form for refunds, and looks at what the gateway is asked for.
func (s *street) giveBack(t *testing.T, ref, turn, text string, want int) {
	t.Helper()
	if a := s.post(t, "/order/"+ref+"/refund", wish(turn, text)); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("refund of %s: %s", text, a.Status)
	}
	moved := s.gateway.moved()
	if last := moved[len(moved)-1]; !strings.Contains(last, fmt.Sprintf(`{"amount":%d,`, want)) {
		t.Fatalf("a refund of %s arrived as %s, want %d", text, last, want)
	}
}

func paidInPart(id, code string, amount, refunded int) string {
	return fmt.Sprintf(`{"order_id":%q,"status":"completed","state":"paid","settled":true,"fulfillable":false,"holds":[],`+
		`"amount":%d,"currency":%q,"refunded_amount":%d,"checked_at":"2126-03-02T09:01:02Z","webhooks":{"count":1}}`,
		id, amount, code, refunded)
}

// TestDigitsThatACurrencyHasNot sends more than there are, to both forms.
func TestDigitsThatACurrencyHasNot(t *testing.T) {
	for code, want := range map[string]string{
		"JPY": "JPY has no digits behind the point", "EUR": "EUR has 2 digits behind the point",
		"KWD": "KWD has 3 digits behind the point",
	} {
		s := newStreet(t)
		text := "1." + strings.Repeat("0", digits[code]+1)
		a := s.pay(t, checkout(text, code))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("%s %s: %s, want 422 with %q", text, code, a.Status, want)
		}
		s.pay(t, checkout("5", code))
		ref := s.gateway.last(t)["merchant_order_id"].(string)
		s.service.set("gw-1", paidInPart("gw-1", code, 5000, 0), "")
		a = s.post(t, "/order/"+ref+"/refund", wish("0", text))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("refund of %s %s: %s, want 422 with %q", text, code, a.Status, want)
		}
	}
}
