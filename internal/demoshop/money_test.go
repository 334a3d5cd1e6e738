package demoshop_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// stand is an order of 995 in some state, as webhookd tells it; it was asked for long ago.
func stand(id, state string, refunded int) string {
	return fmt.Sprintf(`{"order_id":%q,"status":"completed","state":%q,"settled":true,"fulfillable":false,"holds":[],`+
		`"amount":995,"currency":"EUR","refunded_amount":%d,"checked_at":"2026-03-02T09:01:02Z","webhooks":{"count":1}}`,
		id, state, refunded)
}

func wish(turn, amount string) url.Values {
	return url.Values{"turn": {turn}, "amount": {amount}}
}

func TestMoneyMovesOnce(t *testing.T) {
	for _, c := range []struct{ move, state, want string }{
		{"refund", "paid", `/v1/orders/gw-1/refunds/ {"amount":500,`},
		{"capture", "authorized", `/v1/orders/gw-1/transactions/tx-1/captures/ `},
		{"void", "authorized", `/v1/orders/gw-1/transactions/tx-1/voids/amount/ {"amount":995,`},
	} {
		t.Run(c.move, func(t *testing.T) {
			s := newStreet(t)
			s.gateway.moveBody = `{"id":"ref_1","status":"pending","amount":500}`
			ref, id := s.order(t)
			s.service.set(id, stand(id, c.state, 0), "")
			if page := s.get(t, "/order/"+ref).body; !strings.Contains(page, `id="`+c.move+`"`) {
				t.Errorf("the page offers no %s", c.move)
			}
			var clicks sync.WaitGroup
			for range 5 {
				clicks.Go(func() {
					a := s.post(t, "/order/"+ref+"/"+c.move, wish("0", "5.00"))
					if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/order/"+ref+"#money" {
						t.Errorf("%s to %s", a.Status, a.Header.Get("Location"))
					}
				})
			}
			clicks.Wait()
			if moved := s.gateway.moved(); len(moved) != 1 || !strings.HasPrefix(moved[0], c.want) {
				t.Errorf("the gateway was asked for %q, want %q once", moved, c.want)
			}
		})
	}
}

func TestMoneyThatMustNotMove(t *testing.T) {
	for _, c := range []struct {
		name, move, state, turn, amount string
		refunded, status                int
	}{
		{"more than is left", "refund", "partially_refunded", "0", "5.00", 500, http.StatusUnprocessableEntity},
		{"no amount", "refund", "paid", "0", "five", 0, http.StatusUnprocessableEntity},
		{"no turn", "refund", "paid", "", "5.00", 0, http.StatusUnprocessableEntity},
		{"a turn to come", "refund", "paid", "1", "5.00", 0, http.StatusUnprocessableEntity},
		{"not paid", "refund", "pending", "0", "5.00", 0, http.StatusConflict},
		{"refunded already", "refund", "refunded", "0", "5.00", 995, http.StatusConflict},
		{"nothing reserved", "capture", "paid", "0", "", 0, http.StatusConflict},
		{"captured", "void", "paid", "0", "", 0, http.StatusConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStreet(t)
			ref, id := s.order(t)
			s.service.set(id, stand(id, c.state, c.refunded), "")
			a := s.post(t, "/order/"+ref+"/"+c.move, wish(c.turn, c.amount))
			if a.StatusCode != c.status || len(s.gateway.moved()) != 0 {
				t.Errorf("%s, and the gateway was asked for %q", a.Status, s.gateway.moved())
			}
		})
	}
}

func TestWhatBecameOfAMoveIsSaid(t *testing.T) {
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{201, `{"id":"ref_1","status":"pending"}`, "accepted"},
		{400, `{"error":{"value":"no"}}`, "not done it"},
		{201, `{"id":"ref_1","status":"failed"}`, "not done it"},
		{201, `{"id":"ref_1","status":"declined"}`, "nobody knows"}, // a word that is documented nowhere
		{201, `{"id":"ref_1","status":"pending","amount":50}`, "nobody knows"},
		{500, ``, "nobody knows"},
	} {
		s := newStreet(t)
		s.gateway.moveStatus, s.gateway.moveBody = c.status, c.body
		ref, id := s.order(t)
		s.service.set(id, stand(id, "paid", 0), "")
		s.post(t, "/order/"+ref+"/refund", wish("0", "5.00"))
		page := strings.ToLower(s.get(t, "/order/"+ref).body)
		if !strings.Contains(page, c.want) || !strings.Contains(page, "€5.00") {
			t.Errorf("after %d the page does not say that the refund is %s:\n%s", c.status, c.want, page)
		}
	}
}

// checkedLater is an order that webhookd has asked for after all that happens in a test.
func checkedLater(order string) string { return strings.Replace(order, "2026-", "2126-", 1) }

// TestARefundCountsUntilItIsVerified has webhookd ask the gateway after each refund, and see nothing of it: it must not
// be given back once more, be it accepted or lost.
func TestARefundCountsUntilItIsVerified(t *testing.T) {
	for name, status := range map[string]int{"accepted": 201, "lost": 500} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t)
			s.gateway.moveStatus, s.gateway.moveBody = status, `{"id":"ref_1","status":"pending"}`
			ref, id := s.order(t)
			for _, c := range []struct {
				turn, amount   string
				refunded, want int
			}{
				{"0", "5.00", 300, http.StatusSeeOther}, // 300 by somebody else, before
				{"1", "5.00", 300, http.StatusUnprocessableEntity},
				{"1", "1.95", 300, http.StatusSeeOther},
				{"2", "0.01", 300, http.StatusConflict},
				{"2", "0.01", 800, http.StatusConflict},
				{"2", "0.01", 995, http.StatusConflict},
			} {
				s.service.set(id, checkedLater(stand(id, "partially_refunded", c.refunded)), "")
				if a := s.post(t, "/order/"+ref+"/refund", wish(c.turn, c.amount)); a.StatusCode != c.want {
					t.Errorf("%s with %d given back: %s, want %d", c.amount, c.refunded, a.Status, c.want)
				}
			}
			if n := len(s.gateway.moved()); n != 2 {
				t.Errorf("%d refunds, want 2", n)
			}
		})
	}
}

func TestARefundOnItsWayIsShown(t *testing.T) {
	s := newStreet(t)
	s.gateway.moveBody = `{"id":"ref_1","status":"pending"}`
	ref, id := s.order(t)
	s.service.set(id, stand(id, "paid", 0), "")
	s.post(t, "/order/"+ref+"/refund", wish("0", "5.00"))
	for refunded, want := range map[int]bool{0: true, 200: true, 500: false} {
		s.service.set(id, checkedLater(stand(id, "paid", refunded)), "")
		page := s.get(t, "/order/"+ref).body
		if got := strings.Contains(page, `id="on-its-way"`); got != want {
			t.Errorf("with %d of 500 verified the page says that a refund is on its way: %t", refunded, got)
		}
	}
}

// TestNothingLeavesWhileMoneyIsOnItsWayBack has webhookd say that goods may leave, before it has seen a refund.
func TestNothingLeavesWhileMoneyIsOnItsWayBack(t *testing.T) {
	s := newStreet(t)
	s.gateway.moveBody = `{"id":"ref_1","status":"pending"}`
	ref, id := s.order(t)
	s.service.set(id, strings.Replace(stand(id, "paid", 0), `"fulfillable":false`, `"fulfillable":true`, 1), "")
	if n := s.state(t, ref, ""); !n.Fulfillable || !strings.Contains(s.get(t, "/orders").body, "may be shipped") {
		t.Error("a paid order stays")
	}
	s.post(t, "/order/"+ref+"/refund", wish("0", "5.00"))
	if n := s.state(t, ref, ""); n.Fulfillable || n.Settled || strings.Contains(n.HTML, "Thank you") {
		t.Errorf("with a refund on its way: %+v", n)
	}
	if strings.Contains(s.get(t, "/orders").body, "may be shipped") {
		t.Error("the list lets it go")
	}
}

// TestAReservationEndsOnce asks for a void after a capture: not before webhookd has looked, and found it as it was.
func TestAReservationEndsOnce(t *testing.T) {
	for name, status := range map[string]int{"accepted": 201, "lost": 500} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t)
			s.gateway.moveStatus = status
			ref, id := s.order(t)
			reserved := stand(id, "authorized", 0)
			s.service.set(id, reserved, "")
			s.post(t, "/order/"+ref+"/capture", wish("0", ""))
			if a := s.post(t, "/order/"+ref+"/void", wish("1", "")); a.StatusCode != http.StatusConflict {
				t.Errorf("a void before webhookd has asked: %s", a.Status)
			}
			s.service.set(id, checkedLater(reserved), "")
			if a := s.post(t, "/order/"+ref+"/void", wish("1", "")); a.StatusCode != http.StatusSeeOther {
				t.Errorf("a void of what is still reserved: %s", a.Status)
			}
			if n := len(s.gateway.moved()); n != 2 {
				t.Errorf("the gateway was asked %d times, want 2", n)
			}
		})
	}
}
