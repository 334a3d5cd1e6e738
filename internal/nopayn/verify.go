package nopayn

import "context"

// VerifiedWebhook is what a webhook said and what the gateway says.
type VerifiedWebhook struct {
	OrderID string
	Order   *Order  // as read from the gateway
	IsFinal bool    // Status.Final of the order, which is not to say that it is paid
	Webhook Webhook // what the webhook said; none of it is to be believed
}

// VerifyWebhook reads a webhook's body, as ParseWebhook does, and then the order that it names, as GetOrder does. Its
// errors are theirs.
func (c *Client) VerifyWebhook(ctx context.Context, body []byte) (*VerifiedWebhook, error) {
	w, err := ParseWebhook(body)
	if err != nil {
		return nil, err
	}
	o, err := c.GetOrder(ctx, w.OrderID)
	if err != nil {
		return nil, err
	}
	return &VerifiedWebhook{OrderID: w.OrderID, Order: o, IsFinal: o.Status.Final(), Webhook: w}, nil
}
