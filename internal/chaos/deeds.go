package chaos

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"
)

const askedAgain = 12 // how often a shop repeats a key before it leaves it

// move asks for a movement of money by a new key, and repeats it as a careful shop does: with the same key, at any
// replica, until it has an answer that says how it ended; and once more after that.
func (c *customer) move(ctx context.Context, kind, id string, amount int64) {
	c.orders++
	key := fmt.Sprintf("%s-%s-%d", c.name, kind, c.orders)
	c.w.Ledger.deed(Deed{Key: key, Kind: kind, OrderID: id, Amount: amount})
	c.w.Ledger.count("operations")
	body := map[string]any{"amount": amount, "description": key}
	c.repeat(ctx, key, "/v1/orders/"+id+"/"+kind+"s", body)
}

// create makes an order through the service.
func (c *customer) create(ctx context.Context, key string, fields map[string]any) (id string, ok bool) {
	fields = maps.Clone(fields)
	c.w.Ledger.deed(Deed{Key: key, Kind: "create", Amount: fields["amount"].(int64)})
	c.w.Ledger.count("operations")
	a := c.repeat(ctx, key, "/v1/orders", fields)
	return a.Order, a.Order != ""
}

// repeat asks until the outcome is known.
func (c *customer) repeat(ctx context.Context, key, path string, body map[string]any) Answer {
	var a Answer
	for range askedAgain {
		a = c.w.operate(ctx, c.w.anyReplica(c.rng), key, path, body)
		if a.ends() || ctx.Err() != nil {
			break
		}
		pause(ctx, between(c.rng, 50*time.Millisecond, 800*time.Millisecond))
	}
	if c.rng.IntN(3) == 0 && ctx.Err() == nil {
		c.w.operate(ctx, c.w.anyReplica(c.rng), key, path, body)
	}
	return a
}

// ends reports whether the answer tells how the operation ended.
func (a Answer) ends() bool {
	return a.Status == "done" || a.Status == "refused" || a.Code == http.StatusUnprocessableEntity ||
		a.Order != "" && a.Code/100 == 2
}

// operate asks once, and takes down the answer.
func (w *World) operate(ctx context.Context, r *Replica, key, path string, body map[string]any) Answer {
	answer := w.ask(ctx, r, http.MethodPost, path, body, "Idempotency-Key", key)
	var said struct {
		Status   any    `json:"status"` // a number in a problem
		Code     string `json:"code"`
		OrderURL string `json:"order_url"` // of a create
		OrderID  string `json:"order_id"`
		RefundID string `json:"refund_id"`
	}
	answer.decode(&said)
	a := Answer{Code: answer.code, Reason: said.Code, Refund: said.RefundID}
	a.Status, _ = said.Status.(string)
	if said.OrderURL != "" {
		a.Order, a.Status = said.OrderID, "done"
	}
	if answer.code == http.StatusUnprocessableEntity && said.Code != "key_reused" {
		a.Status = "refused"
	}
	w.Ledger.answered(key, a)
	return a
}
