package nopayn

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// NewRefund is a refund to be made (CONTRACT 2.8).
type NewRefund struct {
	Amount          int64       `json:"amount"` // minor units, at least 1
	Description     string      `json:"description,omitempty"`
	MerchantOrderID string      `json:"merchant_order_id,omitempty"` // the shop's reference of the refund
	OrderLines      []OrderLine `json:"order_lines,omitempty"`
	Extra           Object      `json:"extra,omitempty"`

	// Currency is not sent, since a refund has its order's. If given, an answer in another one is an error.
	Currency string `json:"-"`
}

// Refund is what the gateway says of a refund. Its answers have three shapes (CONTRACT 2.8); this is what they have in
// common.
type Refund struct {
	// ID is the gateway's id of the refund. It is empty where the gateway answered with the refunded order, unless that
	// names one refund and no more than was asked for: the order of several is documented nowhere. Where IsOrder is set
	// it is an order's, and GetOrder follows it.
	ID      string
	IsOrder bool

	// Status is "pending", "completed" or "failed", or an order's status; empty where only the refunded order was told.
	// The vocabulary is open.
	Status string

	Amount          int64 // minor units; 0 where only the refunded order was told
	Currency        string
	Description     string
	MerchantOrderID string
	Order           *Order // the refund, or the refunded order, where the answer was an order; else nil
	Raw             []byte // the whole answer
}

// Accepted reports whether the gateway has certainly taken the refund on: its status is one that says so (CONTRACT
// 2.8), or the refunded order was told. It may still be under way: follow it. What is not accepted may not be refused
// either.
func (r *Refund) Accepted() bool {
	switch r.Status {
	case "pending", "processing", "new", "completed", "":
		return true
	}
	return false
}

// Refused reports whether the refund will certainly not happen. Where it is neither accepted nor refused, the status is
// a word that is documented nowhere: what became of the refund is not known, so it must not be made again.
func (r *Refund) Refused() bool {
	switch r.Status {
	case "error", "failed", "cancelled", "expired":
		return true
	}
	return false
}

// CreateRefund refunds an order in part or in full. It is sent once: should its outcome be unknown
// ([Error.OutcomeUnknown]), read the order to see whether it happened. A refund that was answered may still be refused:
// see [Refund.Refused]. An answer about another amount or currency is a [*ResponseError]. The operation of its errors
// is "create_refund".
func (c *Client) CreateRefund(ctx context.Context, orderID string, n NewRefund) (*Refund, error) {
	const operation = "create_refund"
	n.OrderLines = withoutIDs(n.OrderLines)
	body, err := encode(operation, n, func(f *findings) {
		f.id("order_id", orderID)
		f.amount("amount", n.Amount)
		if n.Currency != "" {
			f.currency("currency", n.Currency)
		}
		lookAtLines(f, "order_lines", n.OrderLines)
		f.extra(n.Extra)
	})
	if err != nil {
		return nil, err
	}
	r := request{operation: operation, method: http.MethodPost, path: orderPath(orderID, "refunds"), body: body}
	return call(ctx, c, r, func(answer reply) (*Refund, error) { return decodeRefund(answer.doc, orderID, n) })
}

var (
	errNotRefund     = errors.New("not a refund")
	errOtherAmount   = errors.New("another amount than the one asked for")
	errOtherCurrency = errors.New("another currency than the one asked for")
)

// decodeRefund reads an answer of any of the three shapes: what bears the refunded order's id is that order, and all
// else is the refund.
func decodeRefund(doc value, orderID string, asked NewRefund) (*Refund, error) {
	if !doc.isObject() {
		return nil, fmt.Errorf("refund: %w", errNotObject)
	}
	read := refundAlone
	switch id := doc.member("id").label(); id {
	case "":
		return nil, fmt.Errorf("refund: id: %w", errMissing)
	case orderID:
		read = refundInOrder
	}
	r, err := read(doc, orderID, asked)
	switch {
	case err != nil:
		return nil, err
	case asked.Currency != "" && r.Currency != "" && !strings.EqualFold(r.Currency, asked.Currency):
		return nil, fmt.Errorf("refund: currency: %w", errOtherCurrency)
	}
	return r, nil
}

// refundAlone reads the refund itself, flat or as an order.
func refundAlone(doc value, orderID string, asked NewRefund) (*Refund, error) {
	r := &Refund{
		ID: doc.member("id").label(), Status: doc.member("status").label(), Currency: doc.member("currency").label(),
		Description: doc.member("description").label(), MerchantOrderID: doc.member("merchant_order_id").label(), Raw: doc,
	}
	if r.Status == "" {
		return nil, fmt.Errorf("refund: status: %w", errMissing)
	}
	amount := doc.member("amount")
	var err error
	if r.Amount, err = amount.money(); err != nil {
		return nil, fmt.Errorf("refund: amount: %w", err)
	}
	if amount != nil && r.Amount != asked.Amount {
		return nil, fmt.Errorf("refund: amount: %w", errOtherAmount)
	}
	of := doc.member("refund_of_order_id").label()
	if of != "" && of != orderID {
		return nil, errNotRefund
	}
	if of == "" && !doc.member("transactions").isList() && !slices.Contains(doc.member("flags").labels(), "is-refund") {
		return r, nil // flat
	}
	if r.Order, err = decodeOrder(doc); err != nil {
		return nil, err
	}
	r.IsOrder = true
	return r, nil
}

// refundInOrder reads the refunded order. Which of several refunds is ours it does not tell; a single one is, unless
// more or less than ours was refunded.
func refundInOrder(doc value, _ string, asked NewRefund) (*Refund, error) {
	o, err := decodeOrder(doc)
	if err != nil {
		return nil, err
	}
	if len(o.RefundOrders) == 0 && o.RefundedAmount == 0 && !slices.Contains(o.Flags, "has-refunds") {
		return nil, errNotRefund
	}
	r := &Refund{Currency: o.Currency, Order: o, Raw: doc}
	ours := o.RefundedAmount == 0 || o.RefundedAmount == asked.Amount
	if len(o.RefundOrders) == 1 && ours && ValidID(o.RefundOrders[0]) {
		r.ID, r.IsOrder = o.RefundOrders[0], true
	}
	return r, nil
}
