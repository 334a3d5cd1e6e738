package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// Each row of CONTRACT 3.4, where an official plugin reads an order wrongly or forgets how it can go on.
func TestPluginRows(t *testing.T) {
	reserved := completed(attempts(reservation("completed")))
	checkWalks(t, []walk{
		{"3.4 WooCommerce: error is reopenable", []step{
			going(failed, order("error", attempts(sale("error")))),
			going(paid, completed(attempts(sale("error"), sale("completed")))),
		}},
		{"3.4 WooCommerce: completed but authorization is no payment", []step{going(authorized, reserved)}},
		{"3.4 WooCommerce: cancelled does not block a late success (W38)", []step{
			going(cancelled, order("cancelled", attempts(sale("cancelled")))),
			going(paid, completed(attempts(sale("cancelled"), sale("completed")))),
		}},
		{"3.4 Shopware: authorization taken for paid", []step{
			going(authorized, reserved),
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
		}},
		{"3.4 Shopware: status authorized", []step{
			going(authorized, order("authorized", manualCapture, attempts(reservation("authorized")))),
		}},
		{"3.4 Shopware: error is not cancelled", []step{going(failed, order("error"))}},
		{"3.4 nopCommerce: authorization taken for paid", []step{going(authorized, reserved)}},
		{"3.4 nopCommerce: cancelled can still become paid", []step{
			going(cancelled, order("cancelled")),
			going(paid, completed(attempts(sale("completed")))),
		}},
		{"3.4 Magento 2: processing with an authorization under way", []step{
			going(pending, order("processing", attempts(reservation("completed")))),
			going(pending, order("processing", manualCapture, attempts(reservation("pending")), flags("has-captures"))),
		}},
		{"3.4 Magento 2: capture and void only by their flags", []step{
			going(paid, completed(attempts(closed(true)), flags("has-captures"))),
			going("paid: voided", completed(attempts(closed(true)), flags("has-captures", "has-voids"))),
		}},
		{"3.4 Magento 1.9: no distinction of reservations", []step{
			going(authorized, reserved),
			going(paid, completed(attempts(sale("completed")))),
		}},
		{"3.4 modified eCommerce: paid although its capture failed (W13b)", []step{
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
			going(authorized, completed(manualCapture, attempts(reservation("completed")))),
		}},
		{"3.4 modified eCommerce: cancelled manual order", []step{
			going(cancelled, order("cancelled", manualCapture, attempts(reservation("cancelled")))),
		}},
		{"3.4 OpenCart 3: error in manual mode is no void", []step{
			going(failed, order("error", manualCapture, attempts(reservation("error")))),
		}},
		{"3.4 PrestaShop 8: return page takes an authorization for paid", []step{going(authorized, reserved)}},
	})
}

func TestFamilyPluginRows(t *testing.T) {
	checkWalks(t, []walk{
		{"3.4 EMS Shopware 5: see-transactions and captured are mapped", []step{
			going(unknown, order("see-transactions", attempts(sale("completed")))),
			going(unknown, order("captured", attempts(sale("captured")))),
		}},
		{"3.4 EMS Shopware 6: accepted taken for paid", []step{
			going(pending, order("processing", attempts(sale("accepted")))),
			going(unknown, order("accepted", attempts(sale("accepted")))),
		}},
		{"3.4 EMS Shopware 6: expired is not ignored", []step{
			going(pending, order("new")),
			going(expired, order("expired")),
		}},
		{"3.4 ING osCommerce: see-transactions, then processing", []step{
			going(unknown, order("see-transactions")),
			going(pending, order("processing")),
		}},
	})
}

// CONTRACT 3.4 nopCommerce, 4.7 W14: a document without a status is no answer, whatever else it says.
func TestMissingStatusIsNoAnswer(t *testing.T) {
	for _, raw := range []string{
		`{"id":"a","amount":1295,"currency":"EUR"}`,
		`{"id":"a","amount":1295,"currency":"EUR","status":null}`,
		`{"id":"a","amount":1295,"currency":"EUR","status":""}`,
		`{}`,
	} {
		if o, err := nopayn.ParseOrder([]byte(raw)); err == nil {
			t.Errorf("ParseOrder(%s) gives status %q, want an error", raw, o.Status)
		}
	}
}

// CONTRACT 3.4, last column: no state of ours makes a later document unread. Assess has no memory, so a document
// reads the same whatever came before it; what is left to show is that going on is no alarm.
func TestNoStateBlocksALateSuccess(t *testing.T) {
	for _, s := range states() {
		if s.Took() {
			continue
		}
		if s.WentBack(payment.Paid) {
			t.Errorf("%s.WentBack(paid) = true, want false", s)
		}
	}
}
