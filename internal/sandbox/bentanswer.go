package sandbox

import (
	"encoding/json"
	"net/http"
)

// UnknownStatus shows orders with a status outside the vocabulary of CONTRACT 3.1.
func UnknownStatus() Fault {
	return bend("unknown_status", func(o document) { o["status"] = "on-hold-review" })
}

// UnknownFields shows orders with members, flags and transaction members that no contract names.
func UnknownFields() Fault {
	return bend("unknown_fields", func(o document) {
		o["brand_new_member"] = map[string]any{"nested": []any{int64(1), nil, "text"}}
		o["another_new_member"] = nil
		o.add("flags", "brand-new-flag")
		for _, tx := range o.transactions() {
			tx["brand_new_member"] = true
		}
	})
}

// NoTransactions shows orders without the member transactions (CONTRACT 4.7, W18).
func NoTransactions() Fault {
	return bend("no_transactions", func(o document) { delete(o, "transactions") })
}

// bend returns a fault that changes the orders in the gateway's answer.
func bend(name string, change func(o document)) Fault {
	return fault(FaultKind{Name: name}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := newHeldAnswer()
			next.ServeHTTP(answer, r)
			answer.eachOrder(func(o document) document {
				change(o)
				return o
			})
			answer.send(w)
		})
	})
}

// eachOrder puts what change returns in the place of each order in the answer: one that is an order, a list of orders,
// or an object with such a list. An answer that is none of these, a refusal for one, stays as it is.
func (a *heldAnswer) eachOrder(change func(o document) document) {
	if a.status/100 != 2 {
		return
	}
	doc, err := parseDocument([]byte(`{"orders":` + a.body.String() + `}`))
	if err != nil {
		return
	}
	var changed any
	switch body := doc["orders"].(type) {
	case []any:
		changed = changeEach(body, change)
	case map[string]any:
		changed = changeAll(body, change)
	default:
		return
	}
	text, err := json.Marshal(changed)
	if err != nil { // cannot be: it was made from JSON, or by a fault of this package
		panic(err)
	}
	a.replace(text)
}

// changeAll changes the orders an object holds, or else the object if it has an id, as orders do.
func changeAll(body document, change func(o document) document) document {
	if list, ok := body["orders"].([]any); ok {
		body["orders"] = changeEach(list, change)
		return body
	}
	if body.text("id") == "" {
		return body
	}
	return change(body)
}

func changeEach(list []any, change func(o document) document) []any {
	for i, member := range list {
		if o, ok := member.(map[string]any); ok {
			list[i] = change(o)
		}
	}
	return list
}
