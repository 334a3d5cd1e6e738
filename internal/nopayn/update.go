package nopayn

import (
	"context"
	"encoding/json"
	"net/http"
)

// OrderUpdate is what to change of an order. A nil field stays as it is.
type OrderUpdate struct {
	MerchantOrderID *string
	Description     *string
}

// UpdateOrder changes an order (CONTRACT 2.7). The gateway wants the whole order back but for what only it may write,
// so the order is read first and sent with the changes; whatever changes at the gateway in between is overwritten, so
// this is nothing for the critical path. The operation of its errors is "get_order" or "update_order".
func (c *Client) UpdateOrder(ctx context.Context, id string, u OrderUpdate) (*Order, error) {
	const operation = "update_order"
	if err := check(operation, func(f *findings) {
		f.id("order_id", id)
		f.notBlank("merchant_order_id", u.MerchantOrderID)
		f.notBlank("description", u.Description)
		if u == (OrderUpdate{}) {
			f.refuse("update", "changes nothing")
		}
	}); err != nil {
		return nil, err
	}
	o, err := c.GetOrder(ctx, id)
	if err != nil {
		return nil, err
	}
	body, err := u.applyTo(value(o.Raw))
	if err != nil {
		return nil, &ResponseError{Operation: operation, Err: err, NotDone: true}
	}
	r := request{operation: operation, method: http.MethodPut, path: orderPath(id), body: body}
	return call(ctx, c, r, sameOrder(id))
}

// readOnly reports whether a member of an order is the gateway's own to write (CONTRACT 2.7).
func readOnly(name string) bool {
	switch name {
	case "id", "order_id", "project_id", "merchant_id", "created", "modified", "completed", "status", "flags", "events",
		"is_capturable", "transactions", "order_url", "payment_url", "last_transaction_added", "amount_details",
		"order_line_details", "refund_orders", "refunded_amount", "refund_of_order_id", "chargeback_orders",
		"chargeback_of_order_id", "reversal_orders", "reversal_of_order_id", "related_orders", "related_order_id",
		"related_payment_link_id", "customer_messages", "settled", "finalized", "merchant_bulk_id", "merchant_name",
		"merchant_iban", "merchant_bic":
		return true
	}
	return false
}

// applyTo gives the document with the changes, without what is not the shop's to write and without nulls.
func (u OrderUpdate) applyTo(doc value) ([]byte, error) {
	out := make(map[string]json.RawMessage)
	for name, v := range doc.members() {
		if !readOnly(string(name)) && !v.isAbsent() && string(v) != "{}" && string(v) != "[]" {
			out[string(name)] = json.RawMessage(v)
		}
	}
	for name, text := range map[string]*string{"merchant_order_id": u.MerchantOrderID, "description": u.Description} {
		if text == nil {
			continue
		}
		quoted, err := json.Marshal(*text)
		if err != nil {
			return nil, err
		}
		out[name] = quoted
	}
	return json.Marshal(out)
}

// CancelOrder cancels an order that is not completed. The operation of its errors is "cancel_order".
func (c *Client) CancelOrder(ctx context.Context, id string) (*Order, error) {
	const operation = "cancel_order"
	if err := checkID(operation, id); err != nil {
		return nil, err
	}
	r := request{operation: operation, method: http.MethodDelete, path: orderPath(id)}
	return call(ctx, c, r, sameOrder(id))
}
