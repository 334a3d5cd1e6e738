package nopayn

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of an answer. An order is some 2 KiB; a list of 64 MiB holds more than 20,000 of them.
const (
	maxOrder = 1 << 20
	maxList  = 64 << 20
)

// Field names a part of an order that the gateway leaves out unless asked (CONTRACT 2.2).
type Field string

// The fields that can be asked for; Order has a field for each.
const (
	FieldAmountDetails    Field = "amount_details"
	FieldOrderLineDetails Field = "order_line_details"
)

// ErrTooLong is in the [*ResponseError] of an answer that is larger than is read. Of a list, a shorter period may be asked
// for.
var ErrTooLong = errors.New("too long")

var errOtherOrder = errors.New("another order than the one asked for")

// GetOrder reads the order id, with the fields named. An answer about another order is a [*ResponseError]. The
// operation of its errors is "get_order".
func (c *Client) GetOrder(ctx context.Context, id string, fields ...Field) (*Order, error) {
	const operation = "get_order"
	if err := checkID(operation, id); err != nil {
		return nil, err
	}
	query := url.Values{}
	for _, f := range fields {
		query.Add("fields[]", string(f))
	}
	r := request{operation: operation, method: http.MethodGet, path: orderPath(id), query: query, read: true}
	return call(ctx, c, r, sameOrder(id))
}

// sameOrder reads an answer that must be about the order id.
func sameOrder(id string) func(reply) (*Order, error) {
	return func(answer reply) (*Order, error) {
		o, err := decodeOrder(answer.doc)
		switch {
		case err != nil:
			return nil, err
		case o.ID != id:
			return nil, errOtherOrder
		}
		o.ETag = answer.etag
		return o, nil
	}
}

// checkID refuses an id that is none before it becomes part of a path.
func checkID(operation, id string) error {
	return check(operation, func(f *findings) { f.id("order_id", id) })
}

// ListOrders reads the orders created from since to until (CONTRACT 2.12), in the gateway's order. The gateway pages
// nothing, so the period should be short. Parts of a second widen the period to whole seconds.
//
// One bad order does not hide the others. An order that cannot be read comes back with ID, Modified and Raw alone, so
// its Status is empty: enough to know that it exists and to read it by GetOrder, which says what is wrong with it. Only
// entries without even a valid id are left out; then a [*ResponseError] says how many, and the rest is returned
// with it. The operation of its errors is "list_orders".
func (c *Client) ListOrders(ctx context.Context, since, until time.Time) ([]Order, error) {
	const operation = "list_orders"
	if err := check(operation, func(f *findings) {
		if until.Before(since) {
			f.refuse("created_until", "is before created_since")
		}
	}); err != nil {
		return nil, err
	}
	query := url.Values{
		"created_since": {wireTime(since)},
		"created_until": {wireTime(until.Add(time.Second - 1))},
	}
	r := request{
		operation: operation, method: http.MethodGet, path: ordersPath, query: query, read: true, maxAnswer: maxList,
	}
	return call(ctx, c, r, func(answer reply) ([]Order, error) { return decodeOrders(answer.doc) })
}

const ordersPath = "/v1/orders/"

// orderPath is the path of an order, or of what is below it. Every path ends in a slash (CONTRACT 1.4).
func orderPath(id string, below ...string) string {
	return ordersPath + strings.Join(append([]string{id}, below...), "/") + "/"
}

// wireTime cuts t to the second. The Z of UTC needs no escape in a query, unlike the plus sign of an offset.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// decodeOrders reads a list as ListOrders promises it.
func decodeOrders(doc value) ([]Order, error) {
	if !doc.isList() {
		return nil, errNotList
	}
	var orders []Order
	nameless := 0
	for _, item := range doc.items() {
		o, err := decodeOrder(item)
		if err != nil {
			o = identify(item)
		}
		if o.ID == "" {
			nameless++
			continue
		}
		orders = append(orders, *o)
	}
	if nameless > 0 {
		return orders, fmt.Errorf("%d of %d entries without a valid id", nameless, nameless+len(orders))
	}
	return orders, nil
}

// identify takes from an order that could not be read what it takes to read it again.
func identify(item value) *Order {
	id := item.member("id").label()
	if !ValidID(id) {
		return new(Order)
	}
	return &Order{ID: id, Modified: item.member("modified").moment(), Raw: []byte(item)}
}
