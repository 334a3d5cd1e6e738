package demoshop_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const paidEvent = `{"seq":7,"type":"order.paid","time":"2026-03-02T09:01:02Z","source":"webhook",` +
	`"previous":{"state":"pending"},"order":{"state":"paid"}}`

func paidOrder(id string) string {
	return `{"order_id":"` + id + `","status":"completed","state":"paid","settled":true,"fulfillable":true,"holds":[],` +
		`"checked_at":"2026-03-02T09:01:02Z","webhooks":{"count":1,"last_at":null}}`
}

func TestReturnPageShowsWhatIsVerified(t *testing.T) {
	s := newStreet(t)
	ref, id := s.order(t)
	s.service.set(id, paidOrder(id), `{"seq":6,"type":"order.pending","time":"2026-03-02T09:00:00Z","source":"poll",`+
		`"previous":null,"order":{"state":"pending"}},`+paidEvent)
	page := s.get(t, "/order/"+ref)
	if page.StatusCode != http.StatusOK {
		t.Fatalf("GET /order: %s", page.Status)
	}
	for _, want := range []string{
		"Paid. Thank you!", `<b class="yes">yes</b>`, "€9.95", ref, id, "verified after a webhook", "09:01:02",
		"found by webhookd&#39;s own poll", "<code>order.paid</code> event 7", "<code>completed</code>",
		"Ordered in this shop",
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{`http-equiv="refresh"`, "Go to the payment page", "itself every"} {
		if strings.Contains(page.body, not) {
			t.Errorf("the page of a settled order has %q", not)
		}
	}
}

// TestOnlyFulfillableIsGoodNews goes through all states: none of them thanks for the payment unless webhookd says that
// the goods may leave, and the page asks again until the order is settled.
func TestOnlyFulfillableIsGoodNews(t *testing.T) {
	for _, c := range []struct {
		state, holds, want string
		settled, payable   bool
	}{
		{"unverified", `"unverified"`, "Waiting for the gateway", false, true},
		{"pending", `"not_paid"`, "Waiting for your payment", false, true},
		{"failed", `"not_paid"`, "did not go through", false, true},
		{"failed", `"not_paid"`, "time to try again is over", true, false},
		{"authorized", `"authorized_only"`, "reserved, not taken", false, false},
		{"partially_captured", `"partially_captured"`, "Only a part of the money", false, false},
		{"paid", `"amount_mismatch","test_order"`, "Paid, but held back", true, false},
		{"paid", `"a_hold_of_tomorrow"`, "<code>a_hold_of_tomorrow</code>", true, false},
		{"partially_refunded", `"refunded"`, "Money was paid back", true, false},
		{"refunded", `"refunded"`, "Refunded", true, false},
		{"charged_back", `"charged_back"`, "The bank has taken the money back", true, false},
		{"voided", `"voided"`, "Reservation released", true, false},
		{"cancelled", `"not_paid"`, "The payment was cancelled", true, false},
		{"expired", `"not_paid"`, "The time to pay is over", true, false},
		{"reversal", `"is_refund"`, "This order moves money back", true, false},
		{"not_found", `"unverified"`, "Unknown to the gateway", true, false},
		{"unknown", `"unknown_status"`, "Not clear yet", false, false},
		{"state_of_tomorrow", ``, "Not clear yet", false, false},
	} {
		t.Run(c.state, func(t *testing.T) {
			s := newStreet(t)
			ref, id := s.order(t)
			s.service.set(id, fmt.Sprintf(`{"order_id":%q,"state":%q,"settled":%t,"fulfillable":false,"holds":[%s]}`,
				id, c.state, c.settled, c.holds), "")
			page := s.get(t, "/order/"+ref).body
			if !strings.Contains(page, c.want) {
				t.Errorf("the page lacks %q", c.want)
			}
			if strings.Contains(page, "Thank you") || strings.Contains(page, `class="yes"`) {
				t.Error("the page thanks for a payment")
			}
			if got := strings.Contains(page, `http-equiv="refresh"`); got == c.settled {
				t.Errorf("page refreshes: %t, with settled %t", got, c.settled)
			}
			if got := strings.Contains(page, `href="`+s.gateway.url+"/pay/"+id); got != c.payable {
				t.Errorf("page leads to the payment: %t, want %t", got, c.payable)
			}
		})
	}
}

// TestTheAddressProvesNothing opens the page as the gateway sends the customer to it, and as a liar would.
func TestTheAddressProvesNothing(t *testing.T) {
	s := newStreet(t)
	ref, id := s.order(t)
	other, otherID := s.order(t)
	s.service.set(otherID, paidOrder(otherID), paidEvent)
	for _, query := range []string{
		"?order_id=" + id + "&project_id=p", "?order_id=" + otherID, "?status=completed&state=paid", "?order_id=" + other,
	} {
		page := s.get(t, "/order/"+ref+query).body
		if strings.Contains(page, "Thank you") || !strings.Contains(page, "Waiting for the gateway") {
			t.Errorf("%s: the page says something else than webhookd", query)
		}
		if strings.Contains(page, otherID) || strings.Contains(page, other) {
			t.Errorf("%s: the page shows another order", query)
		}
		if !strings.Contains(page, `content="2; url=/order/`+ref+`"`) {
			t.Errorf("%s: the page does not refresh to its own address", query)
		}
	}
}

func TestWithoutWebhookdThePageSaysSo(t *testing.T) {
	s := newStreet(t)
	ref, _ := s.order(t)
	s.service.setBroken(true)
	page := s.get(t, "/order/"+ref)
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "We cannot tell yet") {
		t.Errorf("%s, want a page that says so", page.Status)
	}
	if !strings.Contains(page.body, `http-equiv="refresh"`) {
		t.Error("the page does not ask again")
	}
	list := s.get(t, "/orders")
	if !strings.Contains(list.body, "webhookd does not answer") || !strings.Contains(list.body, ref) {
		t.Error("the list does not say so, or lacks the order")
	}
}

func TestAnOrderThatWebhookdDoesNotKnowIsWaitedFor(t *testing.T) {
	s := newStreet(t)
	ref, id := s.order(t)
	s.service.forget(id)
	page := s.get(t, "/order/"+ref).body
	if !strings.Contains(page, "Waiting for the gateway") || !strings.Contains(page, `http-equiv="refresh"`) {
		t.Error("the page does not wait")
	}
}

func TestRefreshingCanBeStopped(t *testing.T) {
	s := newStreet(t)
	ref, _ := s.order(t)
	stop := regexp.MustCompile(`<a href="([^"]*)">Stop</a>`).FindStringSubmatch(s.get(t, "/order/"+ref).body)
	if stop == nil {
		t.Fatal("the page has no link that stops it")
	}
	page := s.get(t, stop[1]).body
	if strings.Contains(page, `http-equiv="refresh"`) {
		t.Error("the page goes on")
	}
	if !strings.Contains(page, `<a href="/order/`+ref+`">Update it</a>`) {
		t.Error("the page cannot be switched on again")
	}
}

// TestWhatOthersSayIsEscaped puts markup wherever webhookd passes on somebody else's words.
func TestWhatOthersSayIsEscaped(t *testing.T) {
	const evil = `<script>alert(1)<\/script><img src=x onerror=alert(1)>`
	s := newStreet(t)
	ref, id := s.order(t)
	s.service.set(id, fmt.Sprintf(`{"order_id":%q,"status":"%s","state":"%s","holds":["%s"]}`, id, evil, evil, evil),
		fmt.Sprintf(`{"seq":1,"type":"%s","source":"%s","order":{"state":"%s"}}`, evil, evil, evil))
	for _, path := range []string{"/order/" + ref, "/orders"} {
		page := s.get(t, path).body
		if strings.Contains(page, "<script>") || strings.Contains(page, "<img src=x") {
			t.Errorf("%s: markup of others is markup here", path)
		}
	}
	if page := s.get(t, "/order/"+ref).body; !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the status is not shown")
	}
}

func TestOrdersAreListedNewestFirst(t *testing.T) {
	s := newStreet(t)
	if page := s.get(t, "/orders").body; !strings.Contains(page, "Nobody has ordered yet") {
		t.Error("the empty list does not say that it is")
	}
	first, firstID := s.order(t)
	second, _ := s.order(t)
	s.service.set(firstID, paidOrder(firstID), paidEvent)
	s.service.set("gw-of-another-shop", paidOrder("gw-of-another-shop"), "")
	page := s.get(t, "/orders").body
	at := func(text string) int { return strings.Index(page, text) }
	if at(second) < 0 || at(second) > at(first) {
		t.Errorf("orders at %d and %d, want the second before the first", at(first), at(second))
	}
	if n := strings.Count(page, "may be shipped"); n != 1 {
		t.Errorf("%d orders may be shipped, want 1", n)
	}
	if strings.Contains(page, "another-shop") {
		t.Error("the list shows an order of another shop")
	}
	if !strings.Contains(page, `href="/order/`+first+`"`) {
		t.Error("the list does not lead to the order")
	}
}

// TestTheShopForgetsTheOldest places more orders than it keeps.
func TestTheShopForgetsTheOldest(t *testing.T) {
	s := newStreet(t)
	oldest, _ := s.order(t)
	next, _ := s.order(t)
	for range 999 {
		s.order(t)
	}
	if a := s.get(t, "/order/"+oldest); a.StatusCode != http.StatusNotFound {
		t.Errorf("the oldest of 1001 orders: %s, want 404", a.Status)
	}
	if a := s.get(t, "/order/"+next); a.StatusCode != http.StatusOK {
		t.Errorf("the second of 1001 orders: %s, want 200", a.Status)
	}
}
