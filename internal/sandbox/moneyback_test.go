package sandbox_test

import (
	"net/http"
	"testing"

	"webhookd/internal/sandbox"
)

// TestMoneyGoesBackOnce charges an order back whose money was refunded in part, and then tries to give more back.
func TestMoneyGoesBackOnce(t *testing.T) {
	s := newShop(t, sandbox.Config{})
	id := s.order(nil)
	s.do(s.paid(id))
	r := s.call("POST", "/v1/orders/"+id+"/refunds/", `{"amount":295}`)
	if r.status != http.StatusCreated {
		t.Fatalf("refund: status %d: %s", r.status, r.text)
	}
	back, err := s.g.Chargeback(id)
	s.do(err)
	if got := s.read(back)["amount"]; got != 1000.0 {
		t.Errorf("%v was charged back of 1295 of which 295 were refunded, want 1000", got)
	}
	const want = `{"capturable":0,"captured":1295,"refundable":0,"refunded":295,"voidable":0,"voided":0}`
	if got := s.details(id); got != want {
		t.Errorf("amount_details %s, want %s", got, want)
	}
	if _, err := s.g.Chargeback(id); err == nil {
		t.Error("the same money is charged back twice")
	}
	if _, err := s.g.Reversal(id); err == nil {
		t.Error("charged-back money is reversed")
	}
	if r := s.call("POST", "/v1/orders/"+id+"/refunds/", `{"amount":1}`); r.status != http.StatusBadRequest {
		t.Errorf("charged-back money is refunded: status %d: %s", r.status, r.text)
	}
}

// TestFailedRefundLeavesTheOtherMoneyChargedBack has a refund fail that was under way when the rest was charged back.
func TestFailedRefundLeavesTheOtherMoneyChargedBack(t *testing.T) {
	s := newShop(t, sandbox.Config{RefundDelay: 1 << 40})
	id := s.order(nil)
	s.do(s.paid(id))
	refund, err := s.g.Refund(id, 295)
	s.do(err)
	_, err = s.g.Chargeback(id)
	s.do(err)
	s.do(s.g.FailRefund(refund))
	const want = `{"capturable":0,"captured":1295,"refundable":295,"refunded":0,"voidable":0,"voided":0}`
	if got := s.details(id); got != want {
		t.Errorf("amount_details %s, want %s", got, want)
	}
	if got := mustJSON(t, s.read(id)["flags"]); got != `["is-test"]` {
		t.Errorf("flags %s, want no has-refunds: none was completed", got)
	}
}
