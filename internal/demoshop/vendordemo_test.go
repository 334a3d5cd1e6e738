package demoshop_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestTheVendorsReturnAddressesLeadToTheOrder(t *testing.T) {
	s := newStreet(t)
	ref, id := s.order(t)
	for path, want := range map[string]string{
		"/success?order_id=" + ref:                                       "/order/" + ref,
		"/failure?order_id=" + ref:                                       "/order/" + ref,
		"/success?order_id=" + ref + "&order_id=" + id + "&project_id=p": "/order/" + ref,
		"/success?order_id=unknown&order_id=" + id:                       "/order/" + ref,
		"/success":                              "/orders",
		"/failure?order_id=//elsewhere.example": "/orders",
	} {
		a := s.get(t, path)
		if got := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("%s: %s to %q, want %s", path, a.Status, got, want)
		}
	}
}

// TestAWebhookIsAHint sends what may come to the address that official demo shops give for webhooks.
func TestAWebhookIsAHint(t *testing.T) {
	s := newStreet(t)
	_, id := s.order(t)
	send := func(body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.shop+"/webhook", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if a := s.do(t, req); a.StatusCode != http.StatusOK {
			t.Errorf("%.40s: %s, want 200", body, a.Status)
		}
	}
	for _, body := range []string{
		"", "no JSON", "{}", `{"order_id":"gw-of-another-shop"}`, `{"order_id":"../events"}`, strings.Repeat("[", 1<<20),
	} {
		send(body)
	}
	if asked := s.service.refreshes(); len(asked) != 0 {
		t.Errorf("webhookd was told to look at %q", asked)
	}
	send(`{"event":"status_changed","order_id":"` + id + `"}`)
	if asked := s.service.refreshes(); !slices.Equal(asked, []string{id}) {
		t.Errorf("webhookd was told to look at %q, want %s", asked, id)
	}
	s.service.setBroken(true)
	send(`{"event":"status_changed","order_id":"` + id + `"}`)
}

// TestTheVendorsFormIsTaken sends the form of the official demo shops, which has no number.
func TestTheVendorsFormIsTaken(t *testing.T) {
	s := newStreet(t)
	form := url.Values{"amount": {"9.95"}, "currency": {"DKK"}, "locale": {"da-DK"}}
	if a := s.pay(t, form); a.StatusCode != http.StatusSeeOther || s.gateway.count() != 1 {
		t.Errorf("%s, and %d orders", a.Status, s.gateway.count())
	}
	form.Set("number", "mine")
	if a := s.pay(t, form); a.StatusCode != http.StatusUnprocessableEntity || s.gateway.count() != 1 {
		t.Errorf("with a number that is none: %s, and %d orders", a.Status, s.gateway.count())
	}
}

// TestTheVendorsFormCanBeSentAgain loses the answer to an order without a number: the page has one to look again.
func TestTheVendorsFormCanBeSentAgain(t *testing.T) {
	s := newStreet(t)
	s.gateway.lost = 1
	s.gateway.lag(true)
	unsure := s.pay(t, url.Values{"amount": {"9.95"}, "currency": {"DKK"}})
	s.gateway.lag(false)
	a := s.pay(t, hidden(unsure.body))
	if a.StatusCode != http.StatusSeeOther || s.gateway.count() != 1 {
		t.Errorf("%s, and %d orders", a.Status, s.gateway.count())
	}
}

func TestHealth(t *testing.T) {
	if a := newStreet(t).get(t, "/healthz"); a.StatusCode != http.StatusOK || a.body != "ok\n" {
		t.Errorf("GET /healthz: %s %q", a.Status, a.body)
	}
}

// TestTheSignatureIsChecked has the gateway tell the order as it was signed, and with another amount.
func TestTheSignatureIsChecked(t *testing.T) {
	s := newStreet(t)
	ref, id := s.order(t)
	mac := hmac.New(sha256.New, []byte(gatewayKey))
	fmt.Fprintf(mac, "995:EUR:%s", id)
	signature := hex.EncodeToString(mac.Sum(nil))
	for _, c := range []struct{ order, want string }{
		{fmt.Sprintf(`{"order_id":%q,"state":"unverified"}`, id), "not checked yet"},
		{stand(id, "paid", 0), ">fits what the gateway says"},
		{strings.Replace(stand(id, "paid", 0), `"amount":995`, `"amount":95`, 1), "does not fit what the gateway says"},
		{strings.Replace(stand(id, "paid", 0), `EUR`, `USD`, 1), "does not fit what the gateway says"},
	} {
		s.service.set(id, c.order, "")
		page := s.get(t, "/order/"+ref).body
		if !strings.Contains(page, c.want) || !strings.Contains(page, signature) {
			t.Errorf("%s: the page lacks %q or the signature %s", c.order, c.want, signature)
		}
	}
}
