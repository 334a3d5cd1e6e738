package handler

import (
	"context"
	"net/http"

	"webhookd/internal/store"
)

const registerDoc = "Says that the shop created the order with the gateway itself, and what it expects of it. " +
	"It may be repeated, and may fill in what was left open; a value other than the one registered before is 409. " +
	"A gateway's order that differs is no error: the order is then held back. An empty body is as good as {}."

// registration is what a shop says of its order.
type registration struct {
	_               struct{}   `additionalProperties:"false"`
	MerchantOrderID *reference `json:"merchant_order_id,omitempty" nullable:"true" doc:"The shop's own reference."`
	Amount          *amount    `json:"amount,omitempty" nullable:"true"`
	Currency        *currency  `json:"currency,omitempty" nullable:"true" doc:"ISO 4217."`
}

// expected is the registration in the store's terms.
func (r *registration) expected() store.Expected {
	if r == nil {
		return store.Expected{}
	}
	return store.Expected{
		MerchantOrderID: (*string)(r.MerchantOrderID), Amount: (*int64)(r.Amount), Currency: (*string)(r.Currency),
	}
}

type registerRequest struct {
	ID   orderID `path:"id"`
	Body *registration
}

type registerAnswer struct {
	Status int
	Body   store.Order
}

// registerOrder notes what the shop expects of an order.
func (a *api) registerOrder(ctx context.Context, in *registerRequest) (*registerAnswer, error) {
	done, err := a.Orders.Register(ctx, string(in.ID), in.Body.expected())
	if err != nil {
		return nil, err
	}
	if done.Created {
		return &registerAnswer{Status: http.StatusCreated, Body: done.Order}, nil
	}
	return &registerAnswer{Status: http.StatusOK, Body: done.Order}, nil
}
