package sandbox

import (
	"fmt"
	"net/http"
)

// searchOrders answers POST /v1/search/orders: how many orders agree with what is asked, and a few members of each,
// oldest first (CONTRACT 2.12).
func (g *Gateway) searchOrders(w http.ResponseWriter, r *http.Request) error {
	asked, err := readOptional(w, r, "Search", g.rules.search)
	if err != nil {
		return err
	}
	found := []any{}
	for _, o := range g.orders.all() {
		doc, err := parseDocument(o.shown().text)
		if err != nil {
			return fmt.Errorf("search order %s: %w", o.id, err)
		}
		if doc.agrees(asked) {
			found = append(found, doc.thin())
		}
	}
	return writeObject(w, http.StatusOK, map[string]any{"hits": len(found), "orders": found})
}

// agrees reports whether the order has what is searched for.
func (d document) agrees(asked document) bool {
	for _, name := range []string{"merchant_order_id", "status", "currency"} {
		if wanted := asked.text(name); wanted != "" && d.text(name) != wanted {
			return false
		}
	}
	wanted := asked.integer("amount")
	return wanted == 0 || d.integer("amount") == wanted
}

// thin returns what a search shows of an order.
func (d document) thin() document {
	thin := document{}
	for _, name := range []string{"id", "merchant_order_id", "status", "amount", "currency", "description", "created"} {
		if value, present := d[name]; present {
			thin[name] = value
		}
	}
	return thin
}
