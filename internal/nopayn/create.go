package nopayn

import (
	"context"
	"net/http"
)

// Validate finds what [Client.CreateOrder] would refuse to send. Its error is a [*ValidationError] that lists every
// problem.
func (o NewOrder) Validate() error {
	_, err := o.encode()
	return err
}

func (o NewOrder) encode() ([]byte, error) {
	o.OrderLines = withoutIDs(o.OrderLines)
	return encode(opCreateOrder, o, o.look)
}

const opCreateOrder = "create_order"

// CreateOrder makes an order. It is sent once: should its outcome be unknown ([Error.OutcomeUnknown]), a second try may
// make a second order, and the one that was made can only be found by ListOrders (CONTRACT 4.7 W34). The operation of
// its errors is "create_order".
func (c *Client) CreateOrder(ctx context.Context, o NewOrder) (*Order, error) {
	body, err := o.encode()
	if err != nil {
		return nil, err
	}
	r := request{operation: opCreateOrder, method: http.MethodPost, path: ordersPath, body: body}
	return call(ctx, c, r, anyOrder)
}

// anyOrder reads an answer that is an order.
func anyOrder(answer reply) (*Order, error) {
	o, err := decodeOrder(answer.doc)
	if err != nil {
		return nil, err
	}
	o.ETag = answer.etag
	return o, nil
}
