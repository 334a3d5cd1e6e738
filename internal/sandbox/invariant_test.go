package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"webhookd/internal/sandbox"
)

// money is amount_details.
type money struct {
	Capturable, Captured, Refundable, Refunded, Voidable, Voided int64
}

// till is one order under random treatment, with what must hold of its money at any time.
type till struct {
	s       *shop
	clock   *sandbox.ManualClock
	id      string
	amount  int64
	pending map[string]int64 // refunds under way, by id
	charged int64            // by chargebacks and reversals
}

func (m *till) read(t *rapid.T) (now money, status string) {
	r, err := m.s.try("GET", "/v1/orders/"+m.id+"/?fields[]=amount_details", "")
	if err != nil || r.status != http.StatusOK {
		t.Fatalf("read: %v, status %d", err, r.status)
	}
	var doc struct {
		Status  string
		Details money `json:"amount_details"`
	}
	if err := json.Unmarshal([]byte(r.text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Details, doc.Status
}

// post sends an amount, and reports whether it was taken. Nothing but a refusal may keep it from that.
func (m *till) post(t *rapid.T, path string, amount int64) bool {
	before, _ := m.read(t)
	r, err := m.s.try("POST", "/v1/orders/"+m.id+path, `{"amount":`+strconv.FormatInt(amount, 10)+`}`)
	if err != nil {
		t.Fatal(err)
	}
	if r.status/100 == 2 {
		var made struct{ ID, Status string }
		if json.Unmarshal([]byte(r.text), &made) == nil && made.ID != m.id && made.Status == "processing" {
			m.pending[made.ID] = amount
		}
		return true
	}
	if after, _ := m.read(t); r.status != http.StatusBadRequest || after != before {
		t.Fatalf("POST %s of %d: status %d, money went from %+v to %+v", path, amount, r.status, before, after)
	}
	return false
}

// check holds the money against what must be true whatever was done.
func (m *till) check(t *rapid.T) {
	now, status := m.read(t)
	for name, value := range map[string]int64{
		"capturable": now.Capturable, "captured": now.Captured, "refundable": now.Refundable, "refunded": now.Refunded,
		"voidable": now.Voidable, "voided": now.Voided,
	} {
		if value < 0 || value > m.amount {
			t.Fatalf("%s is %d, want 0 to %d: %+v", name, value, m.amount, now)
		}
	}
	if now.Captured+now.Voided+now.Capturable > m.amount {
		t.Fatalf("captured, voided and capturable exceed %d: %+v", m.amount, now)
	}
	var pending int64
	for _, amount := range m.pending {
		pending += amount
	}
	if now.Refundable+now.Refunded+pending+m.charged != now.Captured {
		t.Fatalf("refundable, refunded, %d under way and %d charged back are not what was captured: %+v",
			pending, m.charged, now)
	}
	if now.Voidable != 0 && (now.Captured != 0 || now.Voidable != now.Capturable) {
		t.Fatalf("voidable after a capture, or not what is capturable: %+v", now)
	}
	if status != "completed" && now != (money{}) {
		t.Fatalf("money moved while the order is %s: %+v", status, now)
	}
}

// takeBack charges an order back or reverses it, which takes all that is refundable, and is refused when that is nothing.
func (m *till) takeBack(t *rapid.T, how func(string) (string, error)) {
	before, _ := m.read(t)
	backID, err := how(m.id)
	if before.Refundable == 0 {
		if err == nil {
			t.Fatalf("order %s takes back money that was not there: %+v", backID, before)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	back, err := m.s.g.Document(backID)
	if err != nil {
		t.Fatal(err)
	}
	if amount, _ := back["amount"].(json.Number).Int64(); amount != before.Refundable {
		t.Fatalf("%d was taken back of %+v", amount, before)
	}
	m.charged += before.Refundable
}

// end ends one refund that is under way.
func (m *till) end(t *rapid.T, how func(string) error) {
	for id := range m.pending {
		if err := how(id); err != nil {
			t.Fatal(err)
		}
		delete(m.pending, id)
		return
	}
	t.Skip("no refund is under way")
}

// TestMoneyIsNeverMadeOrLost walks orders through random payments, captures, voids and refunds.
func TestMoneyIsNeverMadeOrLost(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	strict := newShop(t, sandbox.Config{Clock: clock})
	lax := newShop(t, sandbox.Config{Clock: clock, SeveralCaptures: true})
	rapid.Check(t, func(t *rapid.T) {
		m := &till{clock: clock, amount: rapid.Int64Range(1, 50).Draw(t, "amount"), pending: make(map[string]int64)}
		m.s = rapid.SampledFrom([]*shop{strict, lax}).Draw(t, "gateway")
		fields := map[string]any{"amount": m.amount, "currency": "EUR", "expiration_period": "P7D"}
		if mode := rapid.SampledFrom([]string{"", "manual", "delayed"}).Draw(t, "capture mode"); mode != "" {
			fields["capture_mode"] = mode
		}
		id, err := m.s.g.Create(fields)
		if err != nil {
			t.Fatal(err)
		}
		m.id = id
		amount := func(t *rapid.T) int64 { return rapid.Int64Range(-1, m.amount+1).Draw(t, "part") }
		t.Repeat(map[string]func(*rapid.T){
			"":             m.check,
			"pay":          func(*rapid.T) { _ = m.s.g.Pay(id, sandbox.CardVisa) }, // may be refused
			"fail":         func(*rapid.T) { _ = m.s.g.Fail(id) },
			"capture":      func(t *rapid.T) { m.post(t, "/captures/amount/", amount(t)) },
			"void":         func(*rapid.T) { _ = m.s.g.Void(id) },
			"void part":    func(t *rapid.T) { m.voidPart(t, amount(t)) },
			"refund":       func(t *rapid.T) { m.s.g.SetRefundDelay(0); m.post(t, "/refunds/", amount(t)) },
			"slow refund":  func(t *rapid.T) { m.s.g.SetRefundDelay(1 << 60); m.post(t, "/refunds/", amount(t)) },
			"refund ends":  func(t *rapid.T) { m.end(t, m.s.g.CompleteRefund) },
			"refund fails": func(t *rapid.T) { m.end(t, m.s.g.FailRefund) },
			"chargeback":   func(t *rapid.T) { m.takeBack(t, m.s.g.Chargeback) },
			"reversal":     func(t *rapid.T) { m.takeBack(t, m.s.g.Reversal) },
			"time":         func(*rapid.T) { clock.Advance(24 * time.Hour) },
		})
	})
}

// voidPart voids through the authorization's own path.
func (m *till) voidPart(t *rapid.T, amount int64) {
	doc, err := m.s.g.Document(m.id)
	if err != nil {
		t.Fatal(err)
	}
	txs, _ := doc["transactions"].([]any)
	if len(txs) == 0 {
		t.Skip("nobody has tried to pay")
	}
	tx := txs[len(txs)-1].(map[string]any)["id"].(string)
	m.post(t, "/transactions/"+tx+"/voids/amount/", amount)
}
