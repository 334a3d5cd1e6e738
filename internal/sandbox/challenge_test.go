package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func transactions(doc map[string]any) []map[string]any {
	var txs []map[string]any
	list, _ := doc["transactions"].([]any)
	for _, tx := range list {
		txs = append(txs, tx.(map[string]any))
	}
	return txs
}

func TestChallengesEndAsTheirCodesSay(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for _, c := range []struct {
		card, brand, confirm, fail string
	}{
		{sandbox.CardChallengeVisa, "visa", "0101", "3333"},
		{sandbox.CardChallengeMastercard, "mastercard", "4445", "9999"},
		{sandbox.CardChallengeAmex, "amex", "5678", "3333"},
		{sandbox.CardChallengeDiscover, "discover", "5678", "3333"},
	} {
		id := s.order(nil)
		s.do(s.g.Pay(id, c.card))
		doc := s.read(id)
		tx := transactions(doc)[0]
		if doc["status"] != "processing" || tx["status"] != "pending" || tx["payment_url"] == nil {
			t.Errorf("%s: order %v, transaction %v at %v, want processing and pending with a page",
				c.card, doc["status"], tx["status"], tx["payment_url"])
		}
		s.do(s.g.Challenge(id, " "+c.confirm+" "))
		doc = s.read(id)
		tx = transactions(doc)[0]
		if doc["status"] != "completed" || tx["payment_method_brand"] != c.brand || tx["payment_url"] != nil {
			t.Errorf("%s confirmed: order %v by %v", c.card, doc["status"], tx)
		}

		id = s.order(nil)
		s.do(s.g.Pay(id, c.card))
		s.do(s.g.Challenge(id, c.fail))
		doc = s.read(id)
		tx = transactions(doc)[0]
		if doc["status"] != "error" || doc["customer_messages"] == nil ||
			tx["reason"] != "ERROR_CARD_AUTHENTICATION_FAILURE" {
			t.Errorf("%s failed: order %v by %v", c.card, doc["status"], tx)
		}
		s.do(s.g.Pay(id, sandbox.CardVisa)) // a failed confirmation is no end
		s.wantStatus(id, "completed")
	}
}

func TestThreeWrongCodesFailThePayment(t *testing.T) {
	receiver := newReceiver(t, 200)
	s := newShop(t, sandbox.Config{WebhookURL: receiver.url})
	id := s.order(nil)
	s.do(s.g.Pay(id, sandbox.CardChallengeVisa))
	before := s.call("GET", "/v1/orders/"+id+"/", "").header.Get("ETag")
	for _, code := range []string{"4445", "", "0000"} { // an empty code is no try
		if err := s.g.Challenge(id, code); !errors.Is(err, sandbox.ErrWrongCode) {
			t.Fatalf("code %q: %v, want ErrWrongCode", code, err)
		}
	}
	if after := s.call("GET", "/v1/orders/"+id+"/", "").header.Get("ETag"); after != before {
		t.Error("a wrong code changed the order")
	}
	s.do(s.g.Challenge(id, "0000"))
	s.wantStatus(id, "error")
	if err := s.g.Challenge(id, "0101"); err == nil {
		t.Error("a challenge that has failed was answered again")
	}
	if log := s.settled(id, 2); len(log) != 2 {
		t.Errorf("%d webhooks, want one for processing and one for error", len(log))
	}
}

func TestAnotherAttemptGivesTheChallengeUp(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"transactions": []any{map[string]any{"payment_method": "credit-card"}}})
	s.do(s.g.Pay(id, sandbox.CardChallengeVisa))
	if err := s.g.Pay(id, sandbox.CardChallengeVisa); err == nil {
		t.Error("the same card was asked twice at once")
	}
	s.do(s.g.Pay(id, sandbox.CardChallengeMastercard))
	txs := transactions(s.read(id))
	if len(txs) != 2 || txs[0]["status"] != "cancelled" || txs[0]["payment_url"] != nil || txs[1]["status"] != "pending" {
		t.Fatalf("transactions are %v, want one cancelled and one pending", txs)
	}
	if err := s.g.Challenge(id, "0101"); !errors.Is(err, sandbox.ErrWrongCode) {
		t.Errorf("the code of the first card: %v, want ErrWrongCode", err)
	}
	s.do(s.g.Challenge(id, "4445"))
	s.wantStatus(id, "completed")
}

func TestAChallengeEndsWithItsOrder(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	for _, c := range []struct {
		name           string
		end            func(id string) error
		status, reason string
	}{
		{"cancelled", s.g.Cancel, "cancelled", "Cancelled by customer"},
		{
			"expired", func(string) error { clock.Advance(30 * time.Minute); return nil }, "expired",
			"ERROR_CARD_AUTHENTICATION_FAILURE",
		},
	} {
		id := s.order(nil)
		s.do(s.g.Pay(id, sandbox.CardChallengeVisa))
		s.wantStatus(id, "processing")
		s.do(c.end(id))
		tx := transactions(s.read(id))[0]
		if tx["status"] != c.status || tx["reason"] != c.reason {
			t.Errorf("%s: transaction is %v for %v, want %s for %s", c.name, tx["status"], tx["reason"], c.status, c.reason)
		}
		if err := s.g.Challenge(id, "0101"); err == nil {
			t.Errorf("%s: the challenge was answered afterwards", c.name)
		}
		s.wantStatus(id, c.status)
	}
	for name, id := range map[string]string{"an order nobody asked about": s.order(nil), "no order": "unknown"} {
		if err := s.g.Challenge(id, "0101"); err == nil {
			t.Errorf("%s: Challenge found one", name)
		}
	}
}

func TestAConfirmedReservation(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(map[string]any{"capture_mode": "manual"})
	s.do(s.g.Pay(id, sandbox.CardChallengeVisa))
	s.do(s.g.Challenge(id, "0101"))
	if tx := transactions(s.read(id))[0]; tx["transaction_type"] != "authorization" || tx["is_capturable"] != true {
		t.Errorf("transaction is %v, want an authorization to be captured", tx)
	}
}

func TestAProductionWebsiteDeclinesTestCards(t *testing.T) {
	s := newShop(t, sandbox.Config{Production: true})
	for _, number := range []string{sandbox.CardVisa, sandbox.CardStolen, sandbox.CardChallengeVisa} {
		id := s.order(nil)
		s.do(s.g.Pay(id, number))
		doc := s.read(id)
		if tx := transactions(doc)[0]; doc["status"] != "error" || tx["reason"] != "ERROR_CARD_NOT_VALID" {
			t.Errorf("%s: order %v for %v, want error for ERROR_CARD_NOT_VALID", number, doc["status"], tx["reason"])
		}
	}
}
