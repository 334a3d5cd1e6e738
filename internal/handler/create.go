package handler

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const createDoc = "Creates the order at the gateway, with a webhook_url that leads here, and takes down what was asked " +
	"for as expected. It is committed before it is sent: should the answer be lost that is 502 or 504 outcome_unknown, " +
	"and the order is found by its reference, which we put into its extra as webhookd_reference. With an " +
	"Idempotency-Key the call may be repeated: it makes one order, and tells of it with 200 from the second time on. " +
	"What the gateway refuses is 422."

// newOrder is an order to be created, as the gateway wants it. Its webhooks lead here.
type newOrder struct {
	nopayn.NewOrder
}

// TransformSchema leaves out what is ours to say.
func (newOrder) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	delete(s.Properties, "webhook_url")
	return s
}

type createRequest struct {
	Key  idempotencyKey `header:"Idempotency-Key"`
	Body newOrder
}

// createdOrder is a new order and where its customer may pay.
type createdOrder struct {
	OrderID    string      `json:"order_id"`
	OrderURL   string      `json:"order_url" doc:"The payment page, where the customer chooses how to pay."`
	PaymentURL string      `json:"payment_url" doc:"Of the first payment method, or else the payment page."`
	Signature  string      `json:"signature" doc:"HMAC-SHA256 of amount:currency:order_id with the gateway's key, in hex."`
	Order      store.Order `json:"order"`
}

type createAnswer struct {
	Status int
	Body   createdOrder
}

// create makes an order.
func (a *api) create(ctx context.Context, in *createRequest) (*createAnswer, error) {
	takeTime(ctx)
	made, first, err := a.Money.Create(ctx, string(in.Key), in.Body.NewOrder)
	if err != nil {
		return nil, err
	}
	out := &createAnswer{Status: http.StatusOK, Body: createdOrder{
		OrderID: made.Order.OrderID, OrderURL: made.OrderURL, PaymentURL: made.PaymentURL,
		Signature: made.Signature, Order: made.Order,
	}}
	if first {
		out.Status = http.StatusCreated
	}
	return out, nil
}
