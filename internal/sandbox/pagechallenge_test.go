package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// startChallenge pays on the page with a card that asks for a code, and returns the path of the question.
func (s *shop) startChallenge(id, number string) string {
	s.t.Helper()
	r := s.submit(pagePath(id), cardForm(number))
	to := r.header.Get("Location")
	want := pagePath(id) + "credit-card/"
	if r.status != http.StatusSeeOther || !strings.HasPrefix(to, want) || !strings.HasSuffix(to, "/challenge/") {
		s.t.Fatalf("answer %d to %q, want 303 to a challenge", r.status, to)
	}
	return to
}

func code(otp string) url.Values { return url.Values{"otp": {otp}, "answer": {"code"}} }

func TestChallengePage(t *testing.T) {
	receiver := newReceiver(t, http.StatusOK)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	id := s.order(map[string]any{
		"amount": 129500, "description": "<b>Cups</b>", "return_url": "https://shop.example.com/success",
	})
	path := s.startChallenge(id, "4018 8100 0015 0015")
	s.wantStatus(id, "processing")
	if got := receiver.next(t); got["order_id"] != id {
		t.Errorf("webhook is about %v, want the order that is processing", got)
	}
	page := s.call("GET", path, "")
	for _, want := range []string{
		"<title>Confirm your payment · Sandbox payment</title>", "Test Bank", "€1,295.00", "shop.example.com",
		"&lt;b&gt;Cups", "Visa •••• 0015", "0101 confirms", "3333 fails",
		`id="otp"`, `id="confirm"`, `id="cancel"`, `id="left"`,
		`action="` + path + `"`,
	} {
		if !strings.Contains(page.text, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy of the page is %q", policy)
	}
	if strings.Contains(page.text, "4018") {
		t.Error("the page shows the whole card number")
	}

	wrong := s.submit(path, code("1234"))
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.text, "This code is wrong.") ||
		!strings.Contains(wrong.text, "Tries left: 2") || !strings.Contains(wrong.text, `class="alert"`) {
		t.Errorf("a wrong code is answered %d, want 422 that says so", wrong.status)
	}
	right := s.submit(path, code("0101"))
	want := "https://shop.example.com/success?order_id=" + id
	if right.status != http.StatusSeeOther || !strings.HasPrefix(right.header.Get("Location"), want) {
		t.Errorf("the right code leads %d to %q, want %s", right.status, right.header.Get("Location"), want)
	}
	s.wantStatus(id, "completed")
	receiver.next(t)
}

func TestChallengesThatFailLeadToTheShop(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for name, answers := range map[string][]url.Values{
		"the failing code":  {code("3333")},
		"three wrong codes": {code("1"), code("2"), code("3")},
		"cancelled":         {{"otp": {""}, "answer": {"refuse"}}},
	} {
		id := s.order(map[string]any{"failure_url": "https://shop.example.com/failure"})
		path := s.startChallenge(id, sandbox.CardChallengeVisa)
		var last reply
		for _, answer := range answers {
			last = s.submit(path, answer)
		}
		if to := last.header.Get("Location"); !strings.HasPrefix(to, "https://shop.example.com/failure?order_id="+id) {
			t.Errorf("%s: leads to %q, want the failure_url", name, to)
		}
		s.wantStatus(id, "error")
		page := s.call("GET", pagePath(id), "")
		if !strings.Contains(page.text, "could not confirm that it is you") || !strings.Contains(page.text, `id="number"`) {
			t.Errorf("%s: the page does not say why, or has no form to try again", name)
		}
	}
}

func TestGoingBackFromTheChallenge(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"return_url": "https://shop.example.com/success"})
	path := s.startChallenge(id, sandbox.CardChallengeVisa)
	page := s.call("GET", pagePath(id), "")
	if !strings.Contains(page.text, `id="continue" class="primary" href="`+path+`"`) ||
		!strings.Contains(page.text, `id="number"`) {
		t.Error("the page has no way on to the challenge, or no form")
	}
	if again := s.startChallenge(id, sandbox.CardChallengeVisa); again != path {
		t.Errorf("the same card again leads to %q, want the open challenge", again)
	}
	other := s.startChallenge(id, sandbox.CardChallengeMastercard)
	if r := s.call("GET", path, ""); r.status != http.StatusSeeOther || r.header.Get("Location") != pagePath(id) {
		t.Errorf("the challenge given up: %d to %q, want 303 to the order", r.status, r.header.Get("Location"))
	}
	if r := s.submit(path, code("0101")); r.header.Get("Location") != other {
		t.Errorf("an answer to the challenge given up leads to %q, want the open one", r.header.Get("Location"))
	}
	s.wantStatus(id, "processing")
	s.submit(pagePath(id), cardForm(sandbox.CardVisa))
	s.wantStatus(id, "completed")
	if r := s.submit(other, code("4445")); !strings.HasPrefix(r.header.Get("Location"), "https://shop.example.com/") {
		t.Errorf("a late answer leads to %q, want the shop", r.header.Get("Location"))
	}
	if got := len(transactions(s.read(id))); got != 3 {
		t.Errorf("%d transactions, want 3", got)
	}
}

func TestAChallengeThatIsLeftExpires(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(map[string]any{"failure_url": "https://shop.example.com/failure"})
	path := s.startChallenge(id, sandbox.CardChallengeVisa)
	clock.Advance(30*time.Minute - time.Second)
	s.wantStatus(id, "processing")
	clock.Advance(time.Second)
	to := s.submit(path, code("0101")).header.Get("Location")
	if !strings.HasPrefix(to, "https://shop.example.com/failure?") {
		t.Errorf("an answer after the time leads to %q, want the failure_url", to)
	}
	s.wantStatus(id, "expired")
	if page := s.call("GET", pagePath(id), ""); !strings.Contains(page.text, "The time to pay is over") {
		t.Error("the page does not say that the time is over")
	}
}

func TestChallengeOfAnUnknownOrder(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	path := s.startChallenge(id, sandbox.CardChallengeVisa)
	elsewhere := strings.Replace(path, id, "unknown", 1)
	if r := s.call("GET", elsewhere, ""); r.status != http.StatusNotFound {
		t.Errorf("page: %d, want 404", r.status)
	}
	if r := s.submit(elsewhere, code("0101")); r.status != http.StatusNotFound {
		t.Errorf("form: %d, want 404", r.status)
	}
	req, err := http.NewRequest("POST", s.base+path, strings.NewReader(code("0101").Encode()))
	s.do(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if r, err := s.send(req); err != nil || r.status != http.StatusForbidden {
		t.Errorf("an answer from elsewhere: %d, %v, want 403", r.status, err)
	}
	s.wantStatus(id, "processing")
}
