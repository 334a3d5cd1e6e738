package nopayn_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"webhookd/internal/nopayn"
)

const (
	orderID   = "43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01"
	attemptID = "a1f7e0d2-8c5b-4d1e-9f3a-6b7c8d9e0f01"
	payPage   = "https://api.costplus.online/pay/" + orderID + "/select-payment-method/"
	cardPage  = payPage + "credit-card/" + attemptID + "/"
	card      = `{"truncated_pan":"1111","card_expiry":"122028","cardholder_name":null}`
)

// at is a moment of the day on which the fixtures happen, with microseconds.
func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-03-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// order is what the fixtures have in common, changed as the case has it.
func order(change func(*nopayn.Order)) nopayn.Order {
	o := nopayn.Order{
		ID:               orderID,
		MerchantID:       "5d0f6c0e-3b7a-4f0e-9a52-0c6a1f0e7b11",
		ProjectID:        "9b1c2f64-7d53-4a0b-8f0d-2f3e5a6b7c88",
		MerchantOrderID:  "ORDER-001",
		Status:           nopayn.StatusNew,
		Amount:           1295,
		Currency:         "EUR",
		Description:      "Premium widget",
		Flags:            []string{"is-test"},
		Created:          at("09:15:04.101200"),
		Modified:         at("09:15:04.410007"),
		ExpirationPeriod: "PT30M",
		ReturnURL:        "https://shop.example.com/success",
		FailureURL:       "https://shop.example.com/failure",
		WebhookURL:       "https://shop.example.com/webhook",
	}
	change(&o)
	return o
}

// completed is an order whose first attempt went well.
func completed(change func(*nopayn.Order)) nopayn.Order {
	return order(func(o *nopayn.Order) {
		o.Status = nopayn.StatusCompleted
		o.Modified, o.Completed = at("09:16:20.600100"), at("09:16:20.551000")
		o.Transactions = []nopayn.Transaction{attempt("completed", func(t *nopayn.Transaction) {
			t.Modified, t.Completed = at("09:16:20.600100"), at("09:16:20.551000")
			t.PaymentMethodBrand = "visa"
			t.PaymentMethodDetails = json.RawMessage(card)
		})}
		change(o)
	})
}

func attempt(status string, change func(*nopayn.Transaction)) nopayn.Transaction {
	t := nopayn.Transaction{
		ID:                   attemptID,
		Status:               status,
		Amount:               1295,
		Currency:             "EUR",
		PaymentMethod:        "credit-card",
		CreditDebit:          "credit",
		ExpirationPeriod:     "PT30M",
		Created:              at("09:15:04.120331"),
		Modified:             at("09:15:04.402118"),
		PaymentMethodDetails: json.RawMessage(`{}`),
	}
	change(&t)
	return t
}

func asIs[T any](*T) {}

// reserved is a completed order whose money was only authorized at first.
func reserved(d nopayn.AmountDetails, change func(*nopayn.Order)) nopayn.Order {
	return completed(func(o *nopayn.Order) {
		o.ExpirationPeriod, o.CaptureMode = "P7D", "manual"
		o.Transactions[0].TransactionType = "authorization"
		o.AmountDetails = &d
		change(o)
	})
}

func TestParseOrderFixtures(t *testing.T) {
	tests := openOrders()
	maps.Copy(tests, paidOrders())
	maps.Copy(tests, otherOrders())
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			raw := fixture(t, name)
			got, err := nopayn.ParseOrder(raw)
			if err != nil {
				t.Fatalf("ParseOrder: %v", err)
			}
			if diff := cmp.Diff(&want, got, withoutRaw(), compactJSON()); diff != "" {
				t.Errorf("order differs (-want +got):\n%s", diff)
			}
			if !bytes.Equal(got.Raw, bytes.TrimSpace(raw)) {
				t.Error("Raw is not the document as received")
			}
		})
	}
}

// openOrders are the fixtures on which money may still come in.
func openOrders() map[string]nopayn.Order {
	return map[string]nopayn.Order{
		"01_order_new_hpp.json": order(func(o *nopayn.Order) { o.OrderURL = payPage }),
		"02_order_new_with_transaction.json": order(func(o *nopayn.Order) {
			o.Transactions = []nopayn.Transaction{
				attempt("new", func(t *nopayn.Transaction) { t.PaymentURL = cardPage }),
			}
		}),
		"03_order_processing.json": order(func(o *nopayn.Order) {
			o.Status, o.Modified, o.OrderURL = nopayn.StatusProcessing, at("09:15:41.002211"), payPage
			o.Transactions = []nopayn.Transaction{attempt("pending", func(t *nopayn.Transaction) {
				t.Modified, t.PaymentURL = at("09:15:41.000112"), cardPage
			})}
		}),
		"10_order_error_with_reason.json": order(func(o *nopayn.Order) {
			o.Status, o.Modified, o.OrderURL = nopayn.StatusError, at("09:16:33.130000"), payPage
			o.Transactions = []nopayn.Transaction{attempt("error", func(t *nopayn.Transaction) {
				t.Modified, t.PaymentURL = at("09:16:33.120000"), cardPage
				t.Reason = "ERROR_CARD_AUTHENTICATION_FAILURE"
				t.CustomerMessage = "The payment could not be authenticated. Please try again."
				t.PaymentMethodDetails = json.RawMessage(`{"truncated_pan":"1105","card_expiry":"122028"}`)
			})}
		}),
		"14_order_unknown_status.json": order(func(o *nopayn.Order) {
			o.Status = "on-hold-review"
			o.Transactions = []nopayn.Transaction{
				attempt("under_review", func(t *nopayn.Transaction) { t.PaymentURL = cardPage }),
			}
		}),
		"17_order_processing_bank_transfer.json": order(func(o *nopayn.Order) {
			o.Status, o.ExpirationPeriod = nopayn.StatusProcessing, "P30D"
			o.Transactions = []nopayn.Transaction{attempt("pending", func(t *nopayn.Transaction) {
				t.PaymentMethod, t.ExpirationPeriod = "bank-transfer", "P30D"
				t.PaymentMethodDetails = json.RawMessage(`{"reference":"9900012345678901",` +
					`"creditor_iban":"NL00TEST0000000000","creditor_bic":"TESTNL2A",` +
					`"creditor_account_holder_name":"Demo Payments","creditor_account_holder_city":"Amsterdam",` +
					`"creditor_account_holder_country":"NL","consumer_name":null}`)
			})}
		}),
	}
}

// paidOrders are the fixtures in which money was taken or reserved.
func paidOrders() map[string]nopayn.Order {
	return map[string]nopayn.Order{
		"04_order_completed.json": completed(asIs),
		"05_order_completed_authorization_only.json": reserved(
			nopayn.AmountDetails{Capturable: 1295, Voidable: 1295},
			func(o *nopayn.Order) { o.Transactions[0].IsCapturable = true },
		),
		"06_order_completed_captured.json": reserved(
			nopayn.AmountDetails{Captured: 1295, Refundable: 1295},
			func(o *nopayn.Order) {
				o.Flags = []string{"is-test", "has-captures"}
				o.Modified = at("11:00:00.000100")
				o.Transactions[0].Modified = at("11:00:00.000100")
				o.Transactions[0].IsFullyCaptured = true
			},
		),
		"11_order_completed_with_refunds.json": completed(func(o *nopayn.Order) {
			o.Flags = []string{"is-test", "has-refunds"}
			o.RefundOrders, o.RefundedAmount = []string{"7c7f7b32-0d0f-4c1b-a6f8-1a2b3c4d5e6f"}, 500
			o.AmountDetails = &nopayn.AmountDetails{Captured: 1295, Refundable: 795, Refunded: 500}
		}),
		"15_order_unknown_extra_fields.json": completed(func(o *nopayn.Order) {
			o.Flags = []string{"is-test", "brand-new-flag"}
			o.Transactions[0].PaymentMethod = "future-pay"
		}),
		"16_order_multi_transaction_retry.json": retried(),
		"18_order_completed_charged_back.json": completed(func(o *nopayn.Order) {
			o.ChargebackOrders = []string{"e0f1a2b3-c4d5-4e6f-8a9b-0c1d2e3f4a5b"}
		}),
	}
}

// otherOrders are the fixtures without a payment: ended, voided, or refunds.
func otherOrders() map[string]nopayn.Order {
	return map[string]nopayn.Order{
		"07_order_completed_voided.json": reserved(
			nopayn.AmountDetails{Voided: 1295},
			func(o *nopayn.Order) { o.Flags = []string{"is-test", "has-voids"} },
		),
		"08_order_cancelled.json": order(func(o *nopayn.Order) {
			o.Status, o.Modified = nopayn.StatusCancelled, at("09:17:02.010101")
			o.Transactions = []nopayn.Transaction{attempt("cancelled", func(t *nopayn.Transaction) {
				t.Modified, t.Reason = at("09:17:02.000001"), "Cancelled by customer"
			})}
		}),
		"09_order_expired_no_transactions.json": order(func(o *nopayn.Order) {
			o.Status, o.Modified, o.Completed = nopayn.StatusExpired, at("09:45:06.700000"), at("09:45:06.650000")
		}),
		"12_refund_response_order_like.json": refundOrder(),
		"13_refund_response_flat.json": {
			ID: "ref_7c7f7b320d0f", MerchantOrderID: "refund-001", Status: "pending", Amount: 500, Currency: "EUR",
			Description: "Damaged item", Created: at("10:00:00").AddDate(0, 0, 1), Modified: at("10:00:00").AddDate(0, 0, 1),
		},
	}
}

func refundOrder() nopayn.Order {
	return completed(func(o *nopayn.Order) {
		o.ID, o.RefundOfOrderID = "7c7f7b32-0d0f-4c1b-a6f8-1a2b3c4d5e6f", orderID
		o.MerchantOrderID, o.Description, o.Amount = "refund-001", "Damaged item", 500
		o.Flags = []string{"is-test", "is-refund"}
		o.ExpirationPeriod, o.ReturnURL, o.FailureURL = "", "", ""
		o.Transactions = []nopayn.Transaction{attempt("completed", func(t *nopayn.Transaction) {
			t.ID, t.Amount, t.CreditDebit = "b2f7e0d2-8c5b-4d1e-9f3a-6b7c8d9e0f02", 500, "debit"
		})}
	})
}

// retried failed by card and went well by another method.
func retried() nopayn.Order {
	return completed(func(o *nopayn.Order) {
		o.Transactions = []nopayn.Transaction{
			attempt("error", func(t *nopayn.Transaction) {
				t.Reason = "ERROR_TRANSACTION_REJECTED_BY_CARD_PROCESSOR"
				t.PaymentMethodDetails = json.RawMessage(`{"truncated_pan":"1151","card_expiry":"122028"}`)
			}),
			attempt("completed", func(t *nopayn.Transaction) {
				t.ID, t.PaymentMethod = "a1f7e0d2-8c5b-4d1e-9f3a-6b7c8d9e0f99", "vipps-mobilepay"
				t.Created, t.Modified = at("09:16:00"), at("09:16:20.600100")
				t.Completed = at("09:16:20.551000")
				t.PaymentMethodDetails = json.RawMessage(`{"transaction_reference":"VM-1"}`)
			}),
		}
	})
}

// withoutRaw leaves out the document itself, and what TestParseOrderReadsEveryMember looks at.
func withoutRaw() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreFields(nopayn.Order{},
			"Raw", "LastTransaction", "Locale", "Customer", "Client", "Extra", "OrderLines", "CustomerMessages"),
		cmpopts.IgnoreFields(nopayn.Transaction{},
			"OrderID", "MerchantID", "ProjectID", "Balance", "Channel", "ProductType", "Outcomes", "Events", "Raw"),
	}
}

// compactJSON compares documents without regard to their white space.
func compactJSON() cmp.Option {
	return cmp.Transformer("compact", func(raw json.RawMessage) string {
		var out bytes.Buffer
		if err := json.Compact(&out, raw); err != nil {
			return string(raw)
		}
		return out.String()
	})
}
