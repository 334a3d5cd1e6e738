package sandbox_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"webhookd/internal/sandbox"
)

// filled returns the page's form, filled in with a card.
func (s *shop) filled(id, number string) url.Values {
	s.t.Helper()
	page := s.call("GET", pagePath(id), "")
	hidden := regexp.MustCompile(`<input type="hidden" name="form" value="([^"]+)">`).FindStringSubmatch(page.text)
	if hidden == nil {
		s.t.Fatal("the form has no name")
	}
	form := cardForm(number)
	form.Set("form", hidden[1])
	return form
}

func TestAFormSentTwiceIsOneAttempt(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		card, status string
	}{
		{sandbox.CardVisa, "completed"},
		{sandbox.CardDoNotHonor, "error"},
		{sandbox.CardChallengeVisa, "processing"},
	} {
		id := s.order(map[string]any{
			"return_url": "https://shop.example.com/success", "failure_url": "https://shop.example.com/failure",
		})
		form := s.filled(id, c.card)
		first, second := s.submit(pagePath(id), form), s.submit(pagePath(id), form)
		if first.header.Get("Location") != second.header.Get("Location") {
			t.Errorf("%s: first to %q, then to %q", c.card, first.header.Get("Location"), second.header.Get("Location"))
		}
		doc := s.read(id)
		if doc["status"] != c.status || len(transactions(doc)) != 1 {
			t.Errorf("%s: order %v with %d transactions, want %s with 1",
				c.card, doc["status"], len(transactions(doc)), c.status)
		}
	}
}

func TestANewFormIsANewAttempt(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.submit(pagePath(id), s.filled(id, sandbox.CardDoNotHonor))
	s.submit(pagePath(id), s.filled(id, sandbox.CardDoNotHonor))
	s.submit(pagePath(id), s.filled(id, sandbox.CardVisa))
	if doc := s.read(id); doc["status"] != "completed" || len(transactions(doc)) != 3 {
		t.Errorf("order %v with %d transactions, want completed with 3", doc["status"], len(transactions(doc)))
	}
}

func TestManyFormsAtOncePayOnce(t *testing.T) {
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	const clicks = 32
	toShop := map[string]any{"return_url": "https://shop.example.com/success"}
	same, distinct, asked := s.order(toShop), s.order(toShop), s.order(toShop)
	path := s.startChallenge(asked, sandbox.CardChallengeVisa)
	form := s.filled(same, sandbox.CardVisa)

	var group sync.WaitGroup
	for range clicks {
		for id, send := range map[string]func() reply{
			same:     func() reply { return s.submit(pagePath(same), form) },
			distinct: func() reply { return s.submit(pagePath(distinct), cardForm(sandbox.CardMastercard)) },
			asked:    func() reply { return s.submit(path, code("0101")) },
		} {
			group.Go(func() {
				r := send()
				to := r.header.Get("Location")
				if r.status != 303 || !strings.HasPrefix(to, "https://shop.example.com/success?order_id="+id) {
					t.Errorf("answer %d to %q, want 303 to the shop", r.status, to)
				}
			})
		}
	}
	group.Wait()
	for id, webhooks := range map[string]int{same: 1, distinct: 1, asked: 2} {
		txs := transactions(s.read(id))
		if len(txs) != 1 || txs[0]["status"] != "completed" {
			t.Errorf("transactions are %v, want one that is completed", txs)
		}
		if log := s.settled(id, webhooks); len(log) != webhooks {
			t.Errorf("%d webhooks, want %d", len(log), webhooks)
		}
	}
}
