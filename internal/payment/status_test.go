package payment_test

import (
	"testing"

	"webhookd/internal/nopayn"
)

// Each row of CONTRACT 3.1, documented or not, with an attempt that went well: the order's status leads.
func TestOrderStatus(t *testing.T) {
	with := func(status nopayn.Status) *nopayn.Order { return order(status, attempts(sale("completed"))) }
	checkReadings(t, []reading{
		{"3.1 new", with("new"), pending},
		{"3.1 processing", with("processing"), pending},
		{"3.1 error", with("error"), failed},
		{"3.1 completed", with("completed"), paid},
		{"3.1 cancelled", with("cancelled"), cancelled},
		{"3.1 expired", with("expired"), expired},
		{"3.1 see-transactions", with("see-transactions"), unknown},
		{"3.1 declined", with("declined"), unknown},
		{"3.1 authorized", with("authorized"), authorized},
		{"3.1 authorized, then voided", order("authorized", flags("has-voids")), voided},
		{"3.1 captured", with("captured"), unknown},
		{"3.1 refunded", with("refunded"), unknown},
		{"3.1 charged_back", with("charged_back"), unknown},
		{"3.1 fail", with("fail"), unknown},
		{"3.1 success", with("success"), unknown},
		{"3.1 accepted", with("accepted"), unknown},
		{"3.1 rule: never seen before", with("on-hold-review"), unknown},
		{"3.1 rule: exactly, capitals", with("COMPLETED"), unknown},
		{"3.1 rule: exactly, blank", with("completed "), unknown},
		{"2.8 flat refund pending", with("pending"), unknown},
	})
}

// Each transaction status of CONTRACT 3.2, alone and beside others. An attempt's status never makes an order paid; it
// counts only where every attempt of a completed order failed.
func TestTransactionStatus(t *testing.T) {
	const contradiction = unknown
	alone := map[string]string{
		"new": paid, "pending": paid, "processing": paid,
		"accepted": paid, "captured": paid, "completed": paid,
		"under_review": paid, "": paid, "authorized": authorized,
		"cancelled": contradiction, "error": contradiction, "expired": contradiction, "declined": contradiction,
	}
	var cases []reading
	for status, want := range alone {
		cases = append(cases,
			reading{"3.2 alone " + status, completed(attempts(sale(status))), want},
			reading{"3.2 not paid by itself " + status, order("processing", attempts(sale(status))), pending})
		if status == "authorized" {
			continue
		}
		cases = append(cases,
			reading{
				"3.2 before a success " + status, completed(attempts(sale(status), sale("completed"))),
				paid,
			},
			reading{
				"3.2 after a success " + status, completed(attempts(sale("completed"), sale(status))),
				paid,
			},
			reading{"3.2 after a failure " + status, completed(attempts(sale("error"), sale(status))), want})
	}
	checkReadings(t, append(cases, []reading{
		{
			"3.2 mixed failures", completed(attempts(sale("error"), sale("cancelled"), sale("expired"), sale("declined"))),
			contradiction,
		},
		{
			"3.2 authorized beside a success", completed(attempts(sale("authorized"), sale("completed"))),
			authorized,
		},
		{
			"3.2 all failed, but the amounts say that it was captured",
			completed(attempts(sale("error")), amounts(nopayn.AmountDetails{Captured: amount})), paid,
		},
		{
			"3.2 captured is no proof for a reservation (4.7 W19)",
			completed(attempts(capturedByStatus())), authorized,
		},
	}...))
}
