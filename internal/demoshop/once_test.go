package demoshop_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"webhookd/internal/demoshop"
)

func TestADoubleClickMakesOneOrder(t *testing.T) {
	s := newStreet(t)
	form := checkout("9.95", "EUR")
	var clicks sync.WaitGroup
	pages := make([]string, 8)
	for i := range pages {
		clicks.Go(func() { pages[i] = s.pay(t, form).Header.Get("Location") })
	}
	clicks.Wait()
	for _, page := range pages {
		if page == "" || page != pages[0] {
			t.Errorf("customers are sent to %q", pages)
			break
		}
	}
	if n := s.gateway.count(); n != 1 {
		t.Errorf("%d orders at the gateway, want 1", n)
	}
	again := checkout("9.95", "EUR")
	again.Set("number", form.Get("number"))
	again.Set("amount", "10.00")
	if a := s.pay(t, again); a.StatusCode != http.StatusConflict || s.gateway.count() != 1 {
		t.Errorf("another wish under the same number: %s, and %d orders", a.Status, s.gateway.count())
	}
}

func TestALostAnswerIsLookedFor(t *testing.T) {
	s := newStreet(t)
	s.gateway.lost = 1
	a := s.pay(t, checkout("9.95", "EUR"))
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != s.gateway.url+"/pay/gw-1/select-payment-method/" {
		t.Errorf("%s to %q, want the order that was made", a.Status, a.Header.Get("Location"))
	}
	if n := s.gateway.count(); n != 1 {
		t.Errorf("%d orders at the gateway, want 1", n)
	}
}

func TestWhatCannotBeLookedForIsNotMadeTwice(t *testing.T) {
	s := newStreet(t)
	s.gateway.lost, s.gateway.noList = 1, true
	form := checkout("9.95", "EUR")
	for range 2 {
		if a := s.pay(t, form); a.StatusCode != http.StatusBadGateway {
			t.Errorf("%s, want 502", a.Status)
		}
	}
	if n := s.gateway.count(); n != 1 {
		t.Errorf("%d orders at the gateway, want 1", n)
	}
}

// TestWhatIsNotListedYetIsNotMadeTwice has the gateway make an order, lose the answer, and list the order only later.
func TestWhatIsNotListedYetIsNotMadeTwice(t *testing.T) {
	s := newStreet(t)
	s.gateway.lost = 1
	s.gateway.lag(true)
	form := checkout("9.95", "EUR")
	form.Set("locale", `de-DE`)
	unsure := ""
	for range 3 {
		a := s.pay(t, form)
		unsure = a.body
		if a.StatusCode != http.StatusBadGateway || !strings.Contains(a.body, "answer was lost") {
			t.Errorf("%s, want 502 that tells of a lost answer:\n%s", a.Status, a.body)
		}
	}
	s.gateway.lag(false)
	a := s.post(t, "/pay", hidden(unsure))
	if a.Header.Get("Location") != s.gateway.url+"/pay/gw-1/select-payment-method/" {
		t.Errorf("once it is listed: %s to %q, want the order that was made", a.Status, a.Header.Get("Location"))
	}
	if n := s.gateway.count(); n != 1 {
		t.Errorf("%d orders at the gateway, want 1", n)
	}
}

func TestWhatIsNeverListedIsMadeAgain(t *testing.T) {
	s := openStreet(t, nil, demoshop.NewInHaste)
	s.gateway.lost = 1
	s.gateway.lag(true)
	form := checkout("9.95", "EUR")
	if a := s.pay(t, form); a.StatusCode != http.StatusBadGateway {
		t.Errorf("%s, want 502", a.Status)
	}
	if a := s.pay(t, form); a.Header.Get("Location") != s.gateway.url+"/pay/gw-2/select-payment-method/" {
		t.Errorf("after a while: %s to %q, want a new order", a.Status, a.Header.Get("Location"))
	}
}

func TestWhatWebhookdDidNotTakeIsNotMadeTwice(t *testing.T) {
	s := newStreet(t)
	s.service.setBroken(true)
	s.gateway.lag(true)
	form := checkout("9.95", "EUR")
	if a := s.pay(t, form); a.StatusCode != http.StatusBadGateway {
		t.Errorf("%s, want 502", a.Status)
	}
	s.service.setBroken(false)
	if a := s.pay(t, form); a.Header.Get("Location") != s.gateway.url+"/pay/gw-1/select-payment-method/" {
		t.Errorf("the next time: %s to %q, want the order that was made", a.Status, a.Header.Get("Location"))
	}
}

// hidden are the hidden fields of a page.
func hidden(page string) url.Values {
	form := url.Values{}
	for _, field := range regexp.MustCompile(`type="hidden" name="(.*?)" value="(.*?)"`).FindAllStringSubmatch(page, -1) {
		form.Add(field[1], html.UnescapeString(field[2]))
	}
	return form
}
