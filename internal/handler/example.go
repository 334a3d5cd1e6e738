package handler

import (
	"encoding/json"
	"net/http"
	"time"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// examples are what the OpenAPI document shows of its main schemas, by their names.
func examples() map[string]any {
	order := exampleOrder()
	problem := newProblem(http.StatusNotFound, codeNotFound, "We know no order with this id.")
	problem.RequestID = "EXAMPLEREQUESTID1234567890"
	return map[string]any{
		"Registration": map[string]any{"merchant_order_id": "A-17", "amount": 1295, "currency": "EUR"},
		"Order":        order, "Event": exampleEvent(order), "Problem": problem,
		"MerchantOrder": store.MerchantOrder{
			MerchantOrderID: *order.MerchantOrderID, Fulfillable: true, PaidOrderID: &order.OrderID,
			Orders: []store.Order{order},
		},
	}
}

// exampleOrder is paid, as the shop expects, and may ship.
func exampleOrder() store.Order {
	at := func(offset time.Duration) *time.Time {
		return new(time.Date(2026, time.March, 2, 9, 14, 5, 0, time.UTC).Add(offset))
	}
	amount, currency, reference := int64(1295), "EUR", "A-17"
	return store.Order{
		OrderID: "43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01", Kind: payment.KindPayment, ProjectID: new("project-1"),
		MerchantOrderID: &reference, Status: new("completed"), State: payment.Paid, Final: true, Settled: true,
		Fulfillable: true, Holds: []payment.Hold{}, Amount: &amount, Currency: &currency,
		Expected:    &store.Expected{MerchantOrderID: &reference, Amount: &amount, Currency: &currency},
		Description: new("Two mugs"), PaymentMethod: new("credit-card"),
		OrderURL:  new("https://pay.example/43c0a7de-51f4-4c36-8a0e-1d5c0a3b2e01"),
		CreatedAt: at(0), ModifiedAt: at(2 * time.Minute), CompletedAt: at(2 * time.Minute), ExpiresAt: at(time.Hour),
		FirstSeenAt: *at(time.Second), FirstSeenBy: "registered", CheckedAt: at(2*time.Minute + time.Second),
		NextCheckAt: at(24 * time.Hour), Webhooks: store.WebhookCount{Count: 1, LastAt: at(2*time.Minute + time.Second)},
		Transactions: []store.Transaction{{
			ID: "7c2a8f10-0c5e-4b2f-9f57-3f6a1d9b7e42", Status: "completed", Amount: amount, Currency: currency,
			CreditDebit: "credit", PaymentMethod: "credit-card", Brand: "visa", CreatedAt: at(time.Minute),
			ModifiedAt: at(2 * time.Minute), CompletedAt: at(2 * time.Minute),
		}},
		Seq: 17,
	}
}

// exampleEvent tells that the order was paid.
func exampleEvent(order store.Order) store.Event {
	before := store.Previous{
		Status: new("new"), State: payment.Pending, Amount: order.Amount, Currency: order.Currency,
	}
	return store.Event{
		Seq: order.Seq, Type: "order.paid", OrderID: order.OrderID, MerchantOrderID: order.MerchantOrderID,
		Time: *order.CheckedAt, Source: "webhook", Previous: rawJSON(before), Order: rawJSON(order),
	}
}

// rawJSON writes a value that can be written.
func rawJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("handler: an example cannot be written: " + err.Error())
	}
	return text
}
