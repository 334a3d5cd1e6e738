package nopayn

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// SearchResult is what a search found.
type SearchResult struct {
	Hits   int64
	Orders []FoundOrder
	Raw    []byte // the whole answer
}

// FoundOrder is an order as a search shows it: thin. Any field may be absent, and is then its zero value.
type FoundOrder struct {
	ID              string
	MerchantOrderID string
	Status          Status
	Amount          int64 // minor units
	Currency        string
	Description     string
	Raw             []byte
}

// SearchOrders looks for orders by what the gateway calls free-form (CONTRACT 2.12): the members of query are its own
// to understand, so check what it found. A nil query finds all. The operation of its errors is "search_orders".
func (c *Client) SearchOrders(ctx context.Context, query map[string]any) (*SearchResult, error) {
	const operation = "search_orders"
	if query == nil {
		query = map[string]any{}
	}
	var body []byte
	err := check(operation, func(f *findings) {
		var err error
		if body, err = json.Marshal(query); err != nil {
			f.refuse("query", "cannot be written as JSON")
		}
	})
	if err != nil {
		return nil, err
	}
	r := request{
		operation: operation, method: http.MethodPost, path: "/v1/search/orders/", body: body, read: true, maxAnswer: maxList,
	}
	return call(ctx, c, r, func(answer reply) (*SearchResult, error) { return decodeSearch(answer.doc) })
}

func decodeSearch(doc value) (*SearchResult, error) {
	if !doc.isObject() {
		return nil, fmt.Errorf("search: %w", errNotObject)
	}
	hits, err := doc.member("hits").money()
	if err != nil {
		return nil, fmt.Errorf("search: hits: %w", err)
	}
	orders, err := list(doc.member("orders"), decodeFound)
	if err != nil {
		return nil, fmt.Errorf("search: orders: %w", err)
	}
	return &SearchResult{Hits: hits, Orders: orders, Raw: doc}, nil
}

func decodeFound(doc value) (FoundOrder, error) {
	if !doc.isObject() {
		return FoundOrder{}, errNotObject
	}
	amount, err := doc.member("amount").money()
	if err != nil {
		return FoundOrder{}, fmt.Errorf("amount: %w", err)
	}
	return FoundOrder{
		ID: doc.member("id").label(), MerchantOrderID: doc.member("merchant_order_id").label(),
		Status: Status(doc.member("status").label()), Amount: amount, Currency: doc.member("currency").label(),
		Description: doc.member("description").label(), Raw: doc,
	}, nil
}
