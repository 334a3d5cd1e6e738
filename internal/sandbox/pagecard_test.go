package sandbox_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func TestPageListsTheTestCards(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	page := s.call("GET", pagePath(s.order(nil)), "")
	for _, want := range []string{
		"4018 8100 0010 0036", "5420 7110 0021 0016", "3759 870001 69677", "3684 980000 0679", "4111 1111 1111 1143",
		"4018 8100 0015 0015", "5299 9100 1000 0015", "3759 870000 00005", "6011 9473 0079 9885",
		"0101 confirms", "9999 fails", "Insufficient funds",
	} {
		if !strings.Contains(page.text, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	production := newShop(t, sandbox.Config{Production: true})
	page = production.call("GET", pagePath(production.order(nil)), "")
	if strings.Contains(page.text, "4111") || !strings.Contains(page.text, "test cards are declined") {
		t.Error("the page of a production website offers test cards, or does not say that it declines them")
	}
}

func TestSecurityCodesOfAmex(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	for cvc, status := range map[string]int{"123": 303, "1234": 303, "12": 422, "12345": 422} {
		form := cardForm(sandbox.CardAmex)
		form.Set("cvc", cvc)
		if r := s.submit(pagePath(s.order(nil)), form); r.status != status {
			t.Errorf("Amex with %s: %d, want %d", cvc, r.status, status)
		}
	}
}

// safeBuffer is a log that many write.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func TestNothingOfARealCardIsKept(t *testing.T) {
	for _, production := range []bool{false, true} {
		log := &safeBuffer{}
		logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := newShop(t, sandbox.Config{Production: production, Log: logger})
		id := s.order(nil)
		var seen []string
		for _, number := range []string{"4929 1234 5678 9015", "4929123456789019"} { // as a real one, and mistyped
			form := cardForm(number)
			form.Set("cvc", "987")
			r := s.submit(pagePath(id), form)
			if r.status != 422 {
				t.Errorf("%s: %d, want 422", number, r.status)
			}
			seen = append(seen, r.text)
		}
		if err := s.g.Pay(id, "4929123456789015"); err == nil || strings.Contains(err.Error(), "4929") {
			t.Errorf("Pay: %v, want an error without the number", err)
		}
		doc, err := s.g.Document(id)
		s.do(err)
		seen = append(seen, mustJSON(t, doc), s.call("GET", pagePath(id), "").text, log.text.String())
		for _, text := range seen {
			for _, secret := range []string{"4929", "5678 90", `value="987"`} {
				if strings.Contains(text, secret) {
					t.Errorf("production %v: %q is in\n%s", production, secret, text)
				}
			}
		}
		if doc["transactions"] != nil {
			t.Errorf("production %v: a refused number made a transaction", production)
		}
	}
}

// TestATestCardIsShownAgain saves typing when only another field was wrong; its security code is never shown again.
func TestATestCardIsShownAgain(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	form := cardForm("4111111111111111")
	form.Set("expiry", "13/30")
	form.Set("cvc", "987")
	r := s.submit(pagePath(s.order(nil)), form)
	if !strings.Contains(r.text, `value="4111 1111 1111 1111"`) || strings.Contains(r.text, "987\"") {
		t.Error("the number of a test card is gone, or its security code is shown")
	}
}

// fastClock says that it goes faster than others.
type fastClock struct{ *sandbox.ManualClock }

func (fastClock) Speed() float64 { return 60 }

func TestCountdownGoesByTheGatewaysClock(t *testing.T) {
	clock := fastClock{sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))}
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(map[string]any{"expiration_period": "P7D"})
	clock.Advance(time.Second)
	page := s.call("GET", pagePath(id), "")
	for _, want := range []string{`data-seconds="604799"`, `data-speed="60"`, ">7 days<"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("page lacks %q", want)
		}
	}
}

func TestPageShowsTheLines(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	line := func(id, name string, quantity, amount int) map[string]any {
		return map[string]any{"merchant_order_line_id": id, "name": name, "quantity": quantity, "amount": amount}
	}
	page := s.call("GET", pagePath(s.order(map[string]any{"order_lines": []any{
		line("1", "Cup <small>", 2, 700), line("2", "Saucer", 1, 100000), line("3", "Voucher", 1, -100005),
	}})), "")
	for _, want := range []string{
		"Cup &lt;small&gt;", "2\u00a0×\u00a0€7.00", ">€1,000.00<", ">−€1,000.05<",
	} {
		if !strings.Contains(page.text, want) {
			t.Errorf("page lacks %q", want)
		}
	}
}
