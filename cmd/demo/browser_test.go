package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"webhookd/internal/browsertest"
	"webhookd/internal/nopayn"
	"webhookd/internal/sandbox"
)

// pictures is where the tests leave a picture of each page.
const pictures = "../../screenshots"

// town is the whole demo with a browser in it.
type town struct {
	*cast
	browser *browsertest.Browser
}

// openTown starts everything once for all tests of pages: real Postgres, real webhookd, the sandbox and the shop.
func openTown(t *testing.T) town {
	t.Helper()
	c := &cast{keys: newKeys()}
	t.Cleanup(func() {
		if err := c.stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := c.start(t.Context(), options{once: true}, &logs{to: t.Output()}, t.Output()); err != nil {
		t.Fatalf("start the demo: %v", err)
	}
	return town{cast: c, browser: browsertest.Start(t, pictures)}
}

// visit opens the shop with a browser of its own.
func (c town) visit(t *testing.T, look browsertest.Look) *browsertest.Page {
	t.Helper()
	p := c.browser.Page(t, look)
	p.Open(c.places.shop.url())
	return p
}

// order fills in the shop's form and sends it; the customer is at the payment page then.
func order(p *browsertest.Page) {
	p.Fill("#amount", "12.95")
	p.Click("#pay")
	p.Await("#number")
}

// payBy fills in the card form and sends it.
func payBy(p *browsertest.Page, card string) {
	p.Fill("#number", card)
	p.Fill("#expiry", time.Now().AddDate(2, 0, 0).Format("01/06"))
	p.Fill("#cvc", "123")
	p.Click("button[type=submit].primary")
}

// awaitState waits until webhookd's verdict is on the page, without a reload.
func awaitState(p *browsertest.Page, state string) { p.Await("#verdict[data-state=" + state + "]") }

// gatewayOrder is the id in the address that the gateway sent the customer back to.
func gatewayOrder(t *testing.T, p *browsertest.Page) string {
	t.Helper()
	u, err := url.Parse(p.URL())
	if err != nil || u.Query().Get("order_id") == "" {
		t.Fatalf("the customer came to %s, %v", p.URL(), err)
	}
	return u.Query().Get("order_id")
}

// TestPages drives the shop and the payment page in a real Chromium. What the browser complains of, a policy that is
// broken above all, fails the test.
func TestPages(t *testing.T) {
	c := openTown(t)
	for _, one := range []struct {
		name string
		test func(*testing.T, town)
	}{
		{"a card that is good", testGoodCard},
		{"a card that is declined", testDeclinedCard},
		{"a card that wants a code", testCode},
		{"cancelled", testCancelled},
		{"a lost webhook", testLostWebhook},
		{"a double click on pay", testDoubleClick},
		{"the back button", testBackButton},
		{"refunded from the order's page", testRefund},
		{"an amount that is typed while the page changes", testTypedAmount},
		{"reserved and captured", testCapture},
		{"paid twice", testPaidTwice},
		{"a currency with three digits", testThreeDigits},
		{"a currency without any", testNoDigits},
		{"Italian", testItalian},
		{"without scripts", testWithoutScripts},
		{"by keyboard", testKeyboard},
		{"on a phone, in the dark", testPhone},
		{"the gateway's manual", testManual},
		{"expired", testExpired},
		{"the gateway is down for a while", testGatewayDown},
	} {
		t.Run(one.name, func(t *testing.T) { one.test(t, c) })
	}
}

func testGoodCard(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	p.Picture("shop-product")
	order(p)
	p.Picture("pay-card")
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	if got := p.Text("#verdict h1"); got != "Paid. Thank you!" {
		t.Errorf("the page says %q", got)
	}
	p.Await("#timeline li.good")
	p.Picture("shop-order-paid")
	p.Open(c.places.shop.url() + "/orders")
	p.Picture("shop-orders")
}

func testDeclinedCard(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardDoNotHonor)
	awaitState(p, "failed")
	p.Picture("shop-order-failed")
	p.Click("#verdict a.primary") // try again
	p.Await(".alert")
	p.Picture("pay-after-decline")
	payBy(p, sandbox.CardMastercard)
	awaitState(p, "paid")
	if n := len(c.webhooks(gatewayOrder(t, p))); n != 2 {
		t.Errorf("the gateway sent %d webhooks, want one for each attempt", n)
	}
}

func testCode(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardChallengeVisa)
	p.Await("#otp")
	p.Picture("pay-code")
	p.Expect("422") // the answer to a wrong code
	p.Fill("#otp", "1234")
	p.Click("#confirm")
	p.Await("#otp-error")
	p.Picture("pay-code-wrong")
	p.Fill("#otp", "0101")
	p.Click("#confirm")
	awaitState(p, "paid")
}

func testCancelled(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	p.Click("#cancel")
	awaitState(p, "cancelled")
	p.Picture("shop-order-cancelled")
}

func testLostWebhook(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	p.Open(c.places.shop.url() + "/faults")
	p.Click(`[data-fault="lose-next"] button`)
	p.Await("#done")
	p.Await("#active-faults code")
	p.Picture("shop-faults")
	p.Open(c.places.shop.url())
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	p.Await("#inspector .bad")
	p.Picture("shop-order-webhook-lost")
	for _, d := range c.webhooks(gatewayOrder(t, p)) {
		if d.State != sandbox.DeliveryLost {
			t.Errorf("a webhook is %s, though it was to be lost", d.State)
		}
	}
}

func testDoubleClick(t *testing.T, c town) {
	before := c.gateway.Calls(sandbox.OpCreate, "")
	p := c.visit(t, browsertest.Desk())
	p.DoubleClick("#pay")
	p.Await("#number")
	if made := c.gateway.Calls(sandbox.OpCreate, "") - before; made != 1 {
		t.Errorf("%d orders were made, want 1", made)
	}
	p.Fill("#number", sandbox.CardVisa)
	p.Fill("#expiry", time.Now().AddDate(2, 0, 0).Format("01/06"))
	p.Fill("#cvc", "123")
	p.DoubleClick("button[type=submit].primary")
	awaitState(p, "paid")
	doc, err := c.gateway.Document(gatewayOrder(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(doc["transactions"].([]any)); n != 1 {
		t.Errorf("%d attempts were made, want 1", n)
	}
}

func testBackButton(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	id := gatewayOrder(t, p)
	p.Back()
	p.Reload() // a browser may show what it kept
	p.Picture("pay-after-the-back-button")
	if p.Has("#number") {
		t.Error("an order that is paid can be paid again")
	}
	doc, err := c.gateway.Document(id)
	if err != nil || len(doc["transactions"].([]any)) != 1 {
		t.Errorf("transactions are %v, %v", doc["transactions"], err)
	}
}

func testRefund(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	id := gatewayOrder(t, p)
	p.Await("#refund")
	p.Fill("#refund-amount", "5.00")
	p.DoubleClick("#refund")
	awaitState(p, "partially_refunded")
	p.Picture("shop-order-refunded")
	doc, err := c.gateway.Document(id)
	if err != nil || fmt.Sprint(doc["refunded_amount"]) != "500" {
		t.Errorf("refunded %v, %v, want 500 once", doc["refunded_amount"], err)
	}
}

// testTypedAmount has the page change between the amount and the button that sends it.
func testTypedAmount(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	id := gatewayOrder(t, p)
	p.Fill("#refund-amount", "5.00")
	p.Press("Tab")
	if got := p.Focused(); got != "refund" {
		t.Fatalf("Tab leads to %q, not to the button", got)
	}
	refund := nopayn.NewRefund{Amount: 100}
	if _, err := c.gatewayClient(t).CreateRefund(t.Context(), id, refund); err != nil {
		t.Fatal(err)
	}
	awaitState(p, "partially_refunded")
	p.Await("#refund")
	if amount, focus := p.Value("#refund-amount"), p.Focused(); amount != "5.00" || focus != "refund" {
		t.Errorf("the field holds %q and the focus is on %q, want 5.00 and the button", amount, focus)
	}
	p.Press("Enter")
	p.Await("#money .moves .good")
	doc, err := c.gateway.Document(id)
	if err != nil || fmt.Sprint(doc["refunded_amount"]) != "600" {
		t.Errorf("refunded %v, %v, want 100 from elsewhere and 500 from here", doc["refunded_amount"], err)
	}
}

// gatewayClient is somebody else with the gateway's key.
func (c town) gatewayClient(t *testing.T) *nopayn.Client {
	t.Helper()
	client, err := nopayn.New(nopayn.Config{
		APIKey: sandbox.DefaultAPIKey, MerchantID: "demo", BaseURL: c.places.gateway.url(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func testCapture(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	p.Click(`input[name=capture][value=reserve]`)
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "authorized")
	p.Picture("shop-order-reserved")
	p.Click("#capture")
	awaitState(p, "paid")
}

func testPaidTwice(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	p.Open(c.places.shop.url() + "/faults")
	p.Click(`[data-fault="pay-twice"] button`)
	p.Await("#number")
	payBy(p, sandbox.CardMastercard)
	awaitState(p, "paid")
	if holds := p.Text("#verdict .holds"); !strings.Contains(holds, "paid_twice") {
		t.Errorf("the second order is held by %q, want paid_twice", holds)
	}
	p.Picture("shop-order-paid-twice")
}

func testThreeDigits(t *testing.T, c town) {
	payAndRefund(t, c, "KWD", "1.005", "KWD\u00a01.005", "0.001", "1")
}

func testNoDigits(t *testing.T, c town) { payAndRefund(t, c, "JPY", "1005", "¥1005", "29", "29") }

// payAndRefund pays an amount, which the shop shows as price, and gives a part of it back: refunded, in minor units.
func payAndRefund(t *testing.T, c town, currency, amount, price, part, refunded string) {
	t.Helper()
	p := c.visit(t, browsertest.Desk())
	p.Choose("#currency", currency)
	p.Fill("#amount", amount)
	if got := p.Text("#price"); !strings.Contains(got, price) {
		t.Errorf("the button says %q, want %s", got, price)
	}
	p.Click("#pay")
	p.Await("#number")
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	if got := p.Text("#facts dl"); !strings.Contains(got, price) {
		t.Errorf("the page lacks %s:\n%s", price, got)
	}
	id := gatewayOrder(t, p)
	p.Fill("#refund-amount", part)
	p.Click("#refund")
	awaitState(p, "partially_refunded")
	doc, err := c.gateway.Document(id)
	if err != nil || fmt.Sprint(doc["refunded_amount"]) != refunded || doc["currency"] != currency {
		t.Errorf("refunded %v %v, %v, want %s %s", doc["refunded_amount"], doc["currency"], err, refunded, currency)
	}
}

func testItalian(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	p.Click("#lang-it")
	p.Await("html[lang=it]")
	p.Picture("shop-product-italian")
	p.Choose("#locale", "it-IT")
	p.Fill("#amount", "12,95")
	p.Click("#pay")
	p.Await("html[lang=it] #number")
	p.Picture("pay-card-italian")
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid")
	p.Picture("shop-order-paid-italian")
}

func testWithoutScripts(t *testing.T, c town) {
	look := browsertest.Desk()
	look.NoScript = true
	p := c.visit(t, look)
	order(p)
	payBy(p, sandbox.CardVisa)
	awaitState(p, "paid") // by the page's own refresh
	p.Fill("#refund-amount", "1.00")
	p.Click("#refund")
	awaitState(p, "partially_refunded") // and likewise; a page that is about to leave cannot be pictured
	p.Picture("shop-order-without-scripts")
}

func testKeyboard(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	for range 30 {
		if p.Focused() == "pay" {
			break
		}
		p.Press("Tab")
	}
	if got := p.Focused(); got != "pay" {
		t.Fatalf("30 times Tab lead to %q, not to the button", got)
	}
	p.Press("Enter")
	p.Await("#number")
}

func testPhone(t *testing.T, c town) {
	look := browsertest.Phone()
	look.Dark = true
	p := c.visit(t, look)
	narrow := func(name string) {
		t.Helper()
		p.Picture("phone-" + name)
		if p.Overflows() {
			t.Errorf("%s is wider than a phone", name)
		}
	}
	narrow("product")
	order(p)
	narrow("pay")
	payBy(p, sandbox.CardChallengeVisa)
	p.Await("#otp")
	narrow("code")
	p.Fill("#otp", "0101")
	p.Click("#confirm")
	awaitState(p, "paid")
	narrow("order")
	for _, path := range []string{"orders", "faults"} {
		p.Open(c.places.shop.url() + "/" + path)
		narrow(path)
	}
	p.Open(c.places.gateway.url())
	narrow("manual")
}

func testManual(t *testing.T, c town) {
	p := c.browser.Page(t, browsertest.Desk())
	p.Open(c.places.gateway.url())
	p.Await("#cards table")
	p.Picture("sandbox-manual")
}

func testExpired(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	order(p)
	back := c.browser.Page(t, browsertest.Desk())
	back.Open(c.places.shop.url() + "/faults")
	back.Click(`[data-fault="expire"] button`)
	back.Await("#done")
	p.Reload()
	p.Picture("pay-expired")
	if p.Has("#number") {
		t.Error("an expired order can be paid")
	}
	p.Click("a.primary") // back to the shop
	awaitState(p, "expired")
	p.Picture("shop-order-expired")
}

func testGatewayDown(t *testing.T, c town) {
	p := c.visit(t, browsertest.Desk())
	p.Open(c.places.shop.url() + "/faults")
	p.Click(`[data-fault="gateway-down"] button`)
	p.Await("#done")
	p.Expect("502")
	p.Open(c.places.shop.url())
	p.Click("#pay")
	p.Await("#again")
	if got := p.Text("main h1"); got != "The gateway's answer was lost" {
		t.Errorf("without a gateway the shop says %q", got)
	}
	p.Picture("shop-no-payments")
	p.Open(c.places.shop.url() + "/faults")
	p.Click(`[data-fault="lift-all"] button`)
	p.Await("#done")
}

// webhooks are those that the gateway sent, or meant to send, for an order.
func (c town) webhooks(id string) []sandbox.Delivery { return c.gateway.Deliveries(id) }
