package sandbox_test

import (
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

func TestOrdersExpire(t *testing.T) {
	for _, c := range []struct {
		period string
		after  time.Duration
	}{
		{"", 30 * time.Minute},
		{"PT5M", 5 * time.Minute},
		{"PT1H", time.Hour},
		{"P0Y0M0DT0H15M0S", 15 * time.Minute},
		{"P7D", 7 * 24 * time.Hour},
		{"P1W", 7 * 24 * time.Hour},
		{"P1M", 31 * 24 * time.Hour}, // of March
	} {
		t.Run(c.period, func(t *testing.T) {
			clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
			receiver := newReceiver(t, 200)
			s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url})
			fields := map[string]any{}
			if c.period != "" {
				fields["expiration_period"] = c.period
			}
			id := s.order(fields)
			clock.Advance(c.after - time.Second)
			s.wantStatus(id, "new")
			clock.Advance(time.Second)
			s.wantStatus(id, "expired")
			if got := receiver.next(t); got["order_id"] != id {
				t.Errorf("webhook is about %v, want the expired order", got)
			}
			if s.read(id)["completed"] == nil {
				t.Error("completed is not set, though the gateway was seen to set it on expiry")
			}
		})
	}
}

func TestWhatExpiryDoesToEachState(t *testing.T) {
	clock := sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))
	s := newShop(t, sandbox.Config{Clock: clock})
	manual := map[string]any{"capture_mode": "manual", "expiration_period": "PT30M"}
	delayed := map[string]any{"capture_mode": "delayed", "expiration_period": "PT30M"}
	prepared := map[string]any{"transactions": []any{map[string]any{"payment_method": "credit-card"}}}
	for _, c := range []struct {
		name    string
		fields  map[string]any
		walk    func(id string) error
		status  string
		details string
	}{
		{"untouched", prepared, func(string) error { return nil }, "expired", ""},
		{"failed", nil, s.g.Fail, "expired", ""},
		{"running", nil, func(id string) error { return s.g.SetStatus(id, "processing") }, "expired", ""},
		{
			"paid", nil, s.paid, "completed",
			`{"capturable":0,"captured":1295,"refundable":1295,"refunded":0,"voidable":0,"voided":0}`,
		},
		{
			"reserved, to be captured by the shop", manual, s.paid, "completed",
			`{"capturable":0,"captured":0,"refundable":0,"refunded":0,"voidable":0,"voided":0}`,
		},
		{
			"reserved, to be captured by the gateway", delayed, s.paid, "completed",
			`{"capturable":0,"captured":1295,"refundable":1295,"refunded":0,"voidable":0,"voided":0}`,
		},
		{"unknown", nil, func(id string) error { return s.g.SetStatus(id, "on-hold-review") }, "on-hold-review", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := s.order(c.fields)
			s.do(c.walk(id))
			clock.Advance(30 * time.Minute)
			doc := s.call("GET", "/v1/orders/"+id+"/?fields[]=amount_details", "").object(t)
			if doc["status"] != c.status {
				t.Errorf("status is %v, want %s", doc["status"], c.status)
			}
			if got := mustJSON(t, doc["amount_details"]); c.details != "" && got != c.details {
				t.Errorf("amount_details %s, want %s", got, c.details)
			}
			txs, _ := doc["transactions"].([]any)
			for _, tx := range txs {
				if tx.(map[string]any)["payment_url"] != nil || tx.(map[string]any)["is_capturable"] == true {
					t.Errorf("transaction can still be paid or captured: %v", tx)
				}
			}
		})
	}
}

func TestManualClockCallsInOrderOfTime(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := sandbox.NewManualClock(start)
	var got []time.Duration
	note := func() { got = append(got, clock.Now().Sub(start)) }
	clock.AfterFunc(3*time.Second, note)
	clock.AfterFunc(time.Second, func() {
		note()
		clock.AfterFunc(time.Second, note) // falls due within the same Advance
	})
	stop := clock.AfterFunc(2500*time.Millisecond, note)
	if !stop() || stop() {
		t.Error("stop did not say true once and then false")
	}
	clock.AfterFunc(time.Minute, note)
	clock.Advance(10 * time.Second)
	want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("calls at %v, want %v", got, want)
	}
	if now := clock.Now().Sub(start); now != 10*time.Second {
		t.Errorf("clock shows %v after the start, want 10s", now)
	}
}

// countingClock counts the timers that are set and neither stopped nor over.
type countingClock struct {
	*sandbox.ManualClock
	open atomic.Int32
}

func (c *countingClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.open.Add(1)
	stop := c.ManualClock.AfterFunc(d, func() {
		c.open.Add(-1)
		f()
	})
	return func() bool {
		stopped := stop()
		if stopped {
			c.open.Add(-1)
		}
		return stopped
	}
}

func TestCloseStopsTheTimers(t *testing.T) {
	clock := &countingClock{ManualClock: sandbox.NewManualClock(time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC))}
	receiver := newReceiver(t, 500)
	s := newShop(t, sandbox.Config{Clock: clock, WebhookURL: receiver.url})
	id := s.order(nil)
	s.do(s.g.Fail(id))
	s.settled(id, 1)
	if got := clock.open.Load(); got != 2 {
		t.Fatalf("%d timers, want one for the expiry and one for the webhook", got)
	}
	s.g.Close()
	if got := clock.open.Load(); got != 0 {
		t.Errorf("%d timers are left after Close, want none", got)
	}
}
