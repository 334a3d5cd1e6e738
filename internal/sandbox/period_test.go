package sandbox_test

import (
	"testing"
	"time"

	"webhookd/internal/sandbox"
)

// TestReservationLastsAsLongAsItsTransaction has the order and the transaction that is paid name different periods, or
// only one of them.
func TestReservationLastsAsLongAsItsTransaction(t *testing.T) {
	const (
		reserved = `{"capturable":1295,"captured":0,"refundable":0,"refunded":0,"voidable":1295,"voided":0}`
		lost     = `{"capturable":0,"captured":0,"refundable":0,"refunded":0,"voidable":0,"voided":0}`
		captured = `{"capturable":0,"captured":1295,"refundable":1295,"refunded":0,"voidable":0,"voided":0}`
	)
	for _, c := range []struct {
		name, order, transaction, mode string
		lasts                          time.Duration
		end                            string
	}{
		{"no period on the order", "", "P7D", "manual", 7 * 24 * time.Hour, lost},
		{"delayed, no period on the order", "", "P7D", "delayed", 7 * 24 * time.Hour, captured},
		{"longer than the order", "PT1H", "P2D", "manual", 48 * time.Hour, lost},
		{"shorter than the order", "PT1H", "PT15M", "delayed", 15 * time.Minute, captured},
		{"only the order's", "PT1H", "", "manual", time.Hour, lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := &countingClock{ManualClock: sandbox.NewManualClock(noon())}
			s := newShop(t, sandbox.Config{Clock: clock})
			tx := map[string]any{"payment_method": "credit-card", "capture_mode": c.mode}
			if c.transaction != "" {
				tx["expiration_period"] = c.transaction
			}
			fields := map[string]any{"transactions": []any{tx}}
			if c.order != "" {
				fields["expiration_period"] = c.order
			}
			id := s.order(fields)
			clock.Advance(10 * time.Minute)
			s.do(s.g.Pay(id, sandbox.CardVisa))
			if got := clock.open.Load(); got != 1 {
				t.Errorf("%d timers, want the one of the reservation", got)
			}
			clock.Advance(c.lasts - 10*time.Minute - time.Second) // counted from when the order was made
			if got := s.details(id); got != reserved {
				t.Errorf("a second before the end of %v: %s, want %s", c.lasts, got, reserved)
			}
			clock.Advance(time.Second)
			if got := s.details(id); got != c.end {
				t.Errorf("after %v: %s, want %s", c.lasts, got, c.end)
			}
		})
	}
}

func TestUnpaidOrderExpiresByItsOwnPeriod(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(map[string]any{"expiration_period": "PT1H", "transactions": []any{
		map[string]any{"payment_method": "credit-card", "expiration_period": "P7D"},
	}})
	s.do(s.g.Fail(id))
	clock.Advance(time.Hour - time.Second)
	s.wantStatus(id, "error")
	clock.Advance(time.Second)
	s.wantStatus(id, "expired")
}

func TestPaymentAfterTheTransactionsPeriodIsANewTransaction(t *testing.T) {
	clock := sandbox.NewManualClock(noon())
	s := newShop(t, sandbox.Config{Clock: clock})
	id := s.order(map[string]any{"expiration_period": "PT1H", "transactions": []any{
		map[string]any{"payment_method": "credit-card", "expiration_period": "PT5M"},
	}})
	clock.Advance(5 * time.Minute)
	s.do(s.g.Pay(id, sandbox.CardVisa))
	var statuses []any
	for _, tx := range s.read(id)["transactions"].([]any) {
		statuses = append(statuses, tx.(map[string]any)["status"])
	}
	if got := mustJSON(t, statuses); got != `["expired","completed"]` {
		t.Errorf("transactions are %s, want the late one expired and another completed", got)
	}
}
