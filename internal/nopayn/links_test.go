package nopayn_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"webhookd/internal/nopayn"
)

func TestPaymentLinkFixture(t *testing.T) {
	raw := string(fixture(t, "19_payment_link_completed.json"))
	l, err := fixed(t, 200, raw).GetPaymentLink(t.Context(), "c5a1d8e6-2f6b-4a47-8d2e-4f1a2b3c4d5e")
	if err != nil {
		t.Fatal(err)
	}
	if l.Status != "completed" || l.Amount != 995 || l.Currency != "EUR" || l.MerchantOrderID != "invoice-1234" ||
		l.CompletedOrderID != orderID || l.ExpirationPeriod != "P30D" || l.Reason != "Completed" || l.Description == "" ||
		len(l.Orders["error"]) != 1 || l.Orders["completed"][0] != orderID ||
		!l.Completed.Equal(at("09:20:00")) || !l.Created.Equal(at("09:00:00")) || l.Modified.Sub(l.Completed) != time.Second {
		t.Errorf("GetPaymentLink = %+v", l)
	}
	for _, bad := range []string{
		`[]`, `{}`, `{"id":"l"}`, `{"payment_url":"x"}`, `{"id":"l","payment_url":"x","amount":"1"}`,
	} {
		if l, err := fixed(t, 200, bad).GetPaymentLink(t.Context(), "l"); err == nil {
			t.Errorf("%s: read as %+v", bad, l)
		}
	}
}

func TestProjectCurrenciesFixture(t *testing.T) {
	got, err := fixed(t, 200, string(fixture(t, "20_project_currencies.json"))).ProjectCurrencies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := got.ByMethod
	vipps := []string{"NOK", "DKK", "EUR"}
	if len(all) != 4 || len(all["credit-card"]) != 6 || !slices.Equal(all["vipps-mobilepay"], vipps) ||
		!json.Valid(got.Raw) {
		t.Errorf("ProjectCurrencies = %v", got)
	}
	for _, bad := range []string{`[]`, `{}`, `{"payment_methods":{"` + customer + `":{"currencies":[1]}}}`} {
		got, err := fixed(t, 200, bad).ProjectCurrencies(t.Context())
		if err == nil || strings.Contains(err.Error(), customer) {
			t.Errorf("%s: read as %v, %v", bad, got, err)
		}
	}
}

func TestSearchOrders(t *testing.T) {
	const raw = `{"hits":7,"orders":[{"id":"o-1","amount":1295,"currency":"EUR","description":"Cup"},{}],"more":1}`
	got, err := fixed(t, 200, raw).SearchOrders(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Hits != 7 || len(got.Orders) != 2 || got.Orders[0].Amount != 1295 || got.Orders[0].ID != "o-1" ||
		string(got.Orders[1].Raw) != "{}" || string(got.Raw) != raw {
		t.Errorf("SearchOrders = %+v", got)
	}
	for _, bad := range []string{`[]`, `{"hits":"7"}`, `{"orders":{}}`, `{"orders":[1]}`, `{"orders":[{"amount":1.5}]}`} {
		if got, err := fixed(t, 200, bad).SearchOrders(t.Context(), nil); err == nil {
			t.Errorf("%s: read as %+v", bad, got)
		}
	}
}

// FuzzAnswers has every other decoder meet any answer: none panics, and every error is one of the package's.
func FuzzAnswers(f *testing.F) {
	seed(f)
	f.Add([]byte(linkAnswer))
	f.Add([]byte(`{"hits":1,"orders":[{}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := fixed(t, 200, string(body))
		for _, call := range theCalls() {
			result, err := call.make(t.Context(), client)
			if (err == nil) != given(result) && !isPageless(err) {
				t.Errorf("%s: %v along with %v", call.name, result, err)
			}
			if err != nil && nopayn.NotDone(err) && !call.reads && !isRefusal(err) {
				t.Errorf("%s: %v says that nothing was done", call.name, err)
			}
		}
	})
}
