package nopayn

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// OrderUpdate is what to change of an order. A nil field stays as it is.
type OrderUpdate struct {
	MerchantOrderID *string
	Description     *string
}

// UpdateOrder changes an order (CONTRACT 2.7). The gateway wants the whole order back but for what only it may write,
// so the order is read first and sent with the changes. It bears the ETag of what was read, if there was one; a gateway
// that does not look at it overwrites whatever changed in between, so this is nothing for the critical path. The
// operation of its errors is "get_order" or "update_order".
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
	r := request{
		operation: operation, method: http.MethodPut, path: orderPath(id), body: body, ifMatch: strongTag(o.ETag),
	}
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

// readOnlyInside reports likewise for what is inside an order: the id of a line (CONTRACT 2.3), and what the gateway
// fills in itself of the client (CONTRACT 2.1).
func readOnlyInside(parent, name string) bool {
	return parent == "order_lines" && name == "id" || parent == "client" && name == "user_agent"
}

// strongTag is empty for a weak ETag, since no If-Match ever matches one (RFC 9110, 13.1.1).
func strongTag(etag string) string {
	if strings.HasPrefix(etag, "W/") {
		return ""
	}
	return etag
}

// applyTo gives the document with the changes, without what is not the shop's to write, and without nulls and what is
// empty or blank, which the gateway refuses (CONTRACT 1.3). What the shop keeps in extra is its own.
func (u OrderUpdate) applyTo(doc value) ([]byte, error) {
	out := make(map[string]json.RawMessage)
	for name, v := range doc.members() {
		name := string(name)
		if name != "extra" {
			v = v.writable(name)
		}
		if !readOnly(name) && !v.saysNothing() {
			out[name] = json.RawMessage(v)
		}
	}
	for name, text := range map[string]*string{"merchant_order_id": u.MerchantOrderID, "description": u.Description} {
		if text != nil {
			out[name] = json.RawMessage(quote(*text))
		}
	}
	return json.Marshal(out)
}

// writable gives what may be sent back of v, which is inside of the member parent. It may be nothing.
func (v value) writable(parent string) value {
	var out bytes.Buffer
	switch {
	case v.isObject():
		out.WriteByte('{')
		for name, m := range v.members() {
			m = m.writable(parent)
			if m.saysNothing() || readOnlyInside(parent, string(name)) {
				continue
			}
			separate(&out)
			out.Write(quote(string(name)))
			out.WriteByte(':')
			out.Write(m)
		}
		out.WriteByte('}')
	case v.isList():
		out.WriteByte('[')
		for _, item := range v.items() {
			if item = item.writable(parent); !item.saysNothing() {
				separate(&out)
				out.Write(item)
			}
		}
		out.WriteByte(']')
	default:
		return v
	}
	return out.Bytes()
}

// separate writes a comma behind what a list or an object already holds.
func separate(out *bytes.Buffer) {
	if out.Len() > 1 {
		out.WriteByte(',')
	}
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
