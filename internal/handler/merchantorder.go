package handler

import (
	"context"
	"errors"
	"net/http"

	"webhookd/internal/store"
)

const merchantOrderDoc = "One verdict for all orders that carry the shop's reference. The first order whose money was " +
	"taken is the one that paid; the goods may leave once, for it. A payment after that is held by paid_twice, and " +
	"stays so if the first is refunded: then nothing is fulfillable until a person decides. Play money counts " +
	"beside real money and not against it. A reference that no order carries is 404. All orders of a reference, page " +
	"by page, are those of GET /v1/orders with merchant_order_id."

type merchantOrderRequest struct {
	Ref reference `path:"ref" doc:"The shop's own reference, percent-encoded." example:"A-17"`
}

type merchantOrderAnswer struct {
	Body store.MerchantOrder
}

// merchantOrder answers for a shop order.
func (a *api) merchantOrder(ctx context.Context, in *merchantOrderRequest) (*merchantOrderAnswer, error) {
	m, err := a.Orders.MerchantOrder(ctx, string(in.Ref))
	if errors.Is(err, store.ErrNotFound) {
		return nil, newProblem(http.StatusNotFound, codeNotFound, "We know no order with this reference.")
	}
	if err != nil {
		return nil, err
	}
	return &merchantOrderAnswer{Body: m}, nil
}
