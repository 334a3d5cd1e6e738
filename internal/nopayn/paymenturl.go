package nopayn

import (
	"context"
	"errors"
)

// PaymentURLResult is an order that waits for its customer.
type PaymentURLResult struct {
	OrderID    string
	OrderURL   string // payment page, where the customer chooses how to pay; may be empty
	PaymentURL string // page of the first transaction; empty if the order has none
	PayURL     string // where to send the customer: Order.PayURL, never empty
	Signature  string // of the amount and currency asked for and the order's id; see GenerateSignature
	Order      *Order
}

// ErrNoPaymentURL says that an order was made which names no page to pay it on.
var ErrNoPaymentURL = errors.New("the order has no payment page")

// GeneratePaymentURL makes an order, and gives where to send the customer and a signature. Where the gateway names no
// page, the result comes along with a [*ResponseError] that wraps ErrNoPaymentURL, since the order exists.
func (c *Client) GeneratePaymentURL(ctx context.Context, o NewOrder) (*PaymentURLResult, error) {
	made, err := c.CreateOrder(ctx, o)
	if err != nil {
		return nil, err
	}
	result := &PaymentURLResult{
		OrderID: made.ID, OrderURL: made.OrderURL, PaymentURL: made.firstPaymentURL(), PayURL: made.PayURL(),
		Signature: c.GenerateSignature(o.Amount, o.Currency, made.ID), Order: made,
	}
	if result.PayURL == "" {
		return result, &ResponseError{Operation: opCreateOrder, Err: ErrNoPaymentURL}
	}
	return result, nil
}
