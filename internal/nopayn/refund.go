package nopayn

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// NewRefund is a refund to be made (CONTRACT 2.8).
type NewRefund struct {
	Amount          int64          `json:"amount"` // minor units, at least 1
	Description     string         `json:"description,omitempty"`
	MerchantOrderID string         `json:"merchant_order_id,omitempty"` // the shop's reference of the refund
	OrderLines      []OrderLine    `json:"order_lines,omitempty"`
	Extra           map[string]any `json:"extra,omitempty"`
}

// Refund is what the gateway says of a refund. Its answers have three shapes (CONTRACT 2.8); this is what they have in
// common.
type Refund struct {
	// ID is the gateway's id of the refund; empty where it answered with the refunded order and named no refund in it.
	// Where IsOrder is set it is an order's, and GetOrder follows it.
	ID      string
	IsOrder bool

	// Status is "pending", "completed" or "failed", or an order's status; empty where only the refunded order was told.
	// The vocabulary is open.
	Status string

	Amount          int64  // minor units; 0 where only the refunded order was told
	Currency        string //
	Description     string
	MerchantOrderID string
	Order           *Order // the refund, or the refunded order, where the answer was an order; else nil
	Raw             []byte // the whole answer
}

// Accepted reports whether the gateway has taken the refund on. It may still be under way: follow it. A refund that is
// not accepted will not happen.
func (r *Refund) Accepted() bool {
	switch r.Status {
	case "error", "failed", "cancelled", "expired":
		return false
	}
	return true
}

// CreateRefund refunds an order in part or in full. It is sent once: should its outcome be unknown
// ([Error.OutcomeUnknown]), read the order to see whether it happened. The operation of its errors is "create_refund".
func (c *Client) CreateRefund(ctx context.Context, orderID string, n NewRefund) (*Refund, error) {
	const operation = "create_refund"
	n.OrderLines = withoutIDs(n.OrderLines)
	body, err := encode(operation, n, func(f *findings) {
		f.id("order_id", orderID)
		f.amount("amount", n.Amount)
		lookAtLines(f, "order_lines", n.OrderLines)
		f.extra(n.Extra)
	})
	if err != nil {
		return nil, err
	}
	r := request{operation: operation, method: http.MethodPost, path: orderPath(orderID, "refunds"), body: body}
	return call(ctx, c, r, func(answer reply) (*Refund, error) { return decodeRefund(answer.doc, orderID) })
}

var errNotRefund = errors.New("not a refund")

// decodeRefund reads an answer of any of the three shapes: what bears the refunded order's id is that order, and all
// else is the refund.
func decodeRefund(doc value, orderID string) (*Refund, error) {
	if !doc.isObject() {
		return nil, fmt.Errorf("refund: %w", errNotObject)
	}
	id := doc.member("id").label()
	if id == "" {
		return nil, fmt.Errorf("refund: id: %w", errMissing)
	}
	if id == orderID {
		return refundInOrder(doc)
	}
	r := &Refund{
		ID: id, Status: doc.member("status").label(), Currency: doc.member("currency").label(),
		Description: doc.member("description").label(), MerchantOrderID: doc.member("merchant_order_id").label(), Raw: doc,
	}
	if r.Status == "" {
		return nil, fmt.Errorf("refund: status: %w", errMissing)
	}
	var err error
	if r.Amount, err = doc.member("amount").money(); err != nil {
		return nil, fmt.Errorf("refund: amount: %w", err)
	}
	of := doc.member("refund_of_order_id").label()
	if of == "" && !doc.member("transactions").isList() {
		return r, nil // flat
	}
	if of != "" && of != orderID {
		return nil, errNotRefund
	}
	if r.Order, err = decodeOrder(doc); err != nil {
		return nil, err
	}
	r.IsOrder = true
	return r, nil
}

// refundInOrder reads the refunded order: its newest refund is ours.
func refundInOrder(doc value) (*Refund, error) {
	o, err := decodeOrder(doc)
	if err != nil {
		return nil, err
	}
	r := &Refund{Currency: o.Currency, Order: o, Raw: doc}
	if n := len(o.RefundOrders); n > 0 && ValidID(o.RefundOrders[n-1]) {
		r.ID, r.IsOrder = o.RefundOrders[n-1], true
	}
	if r.ID == "" && o.RefundedAmount == 0 && !slices.Contains(o.Flags, "has-refunds") {
		return nil, errNotRefund
	}
	return r, nil
}
