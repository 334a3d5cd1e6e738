package handler

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

const (
	exampleRequestID = "EXAMPLEREQUESTID1234567890"
	exampleKey       = "refund-of-A-17-1"
	exampleFeed      = "5b1e7a52-6a3c-4f0e-9d2b-8c7f1e0a4d36"
)

// examples are what the OpenAPI document shows of what is sent and answered, by the schemas' names.
func examples() map[string]any {
	order := exampleOrder()
	event := exampleEvent(order)
	problem := newProblem(http.StatusNotFound, codeNotFound, "We know no order with this id.")
	problem.RequestID = exampleRequestID
	said := map[string]any{"merchant_order_id": "A-17", "amount": 1295, "currency": "EUR"}
	wanted := maps.Clone(said)
	wanted["description"], wanted["return_url"] = "Two mugs", "https://shop.example/thanks"
	movement := map[string]any{"amount": 500, "description": "One mug was broken"}
	return map[string]any{
		"Registration": said, "NewOrder": wanted, "Nothing": map[string]any{},
		"MovementBody": movement, "CaptureBody": movement,
		"Order": order, "Event": event, "Problem": problem,
		"OrderList": orderList{Orders: []store.Order{order}, Next: new("MjAyNi0wMy0wMlQwOToxNDowNlo")},
		"EventList": eventList{Events: []store.Event{event}},
		"Page":      store.Page{Feed: exampleFeed, Events: []store.Event{event}, Next: event.Seq, Head: 20, HasMore: true},
		"MerchantOrder": store.MerchantOrder{
			MerchantOrderID: *order.MerchantOrderID, Fulfillable: true, PaidOrderID: &order.OrderID,
			Orders: []store.Order{order},
		},
		"CreatedOrder": exampleCreated(order), "Operation": exampleOperation(order),
	}
}

// exampleCreated is an order that nobody has paid yet.
func exampleCreated(order store.Order) createdOrder {
	order.Status, order.State, order.Final, order.Settled = new("new"), payment.Pending, false, false
	order.Fulfillable, order.Holds = false, []payment.Hold{payment.HoldNotPaid}
	order.ModifiedAt, order.CompletedAt, order.CheckedAt = order.CreatedAt, nil, order.CreatedAt
	order.PaymentMethod, order.Transactions, order.FirstSeenBy = nil, []store.Transaction{}, "created"
	order.Webhooks, order.Seq = store.WebhookCount{}, 16
	return createdOrder{
		OrderID: order.OrderID, OrderURL: *order.OrderURL, PaymentURL: *order.OrderURL,
		Signature: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Order: order,
	}
}

// exampleOperation is a refund that is done.
func exampleOperation(order store.Order) store.Operation {
	return store.Operation{
		Key: exampleKey, Kind: store.KindRefund, OrderID: &order.OrderID, Amount: new(int64(500)),
		Status: store.OperationDone, RefundID: new("0b6f4d3a-2c1e-4a5b-9d8c-7e6f5a4b3c2d"),
		CreatedAt: *order.CheckedAt, UpdatedAt: order.CheckedAt.Add(time.Second),
	}
}

// exampleStream is the beginning of a stream.
func exampleStream() string {
	event := exampleEvent(exampleOrder())
	return fmt.Sprintf(": feed %s head %d\nid: %d\n\nid: %d\nevent: %s\ndata: %s\n\n: alive\n\n",
		exampleFeed, event.Seq-1, event.Seq-1, event.Seq, event.Type, rawJSON(event))
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
