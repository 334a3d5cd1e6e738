package control

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/sandbox"
)

// orderRoutes are the levers of one order. Each answers with the order as it is then.
func (c *control) orderRoutes(r chi.Router) {
	g := c.gateway
	lever := func(name string, pull func(id string, asked *members) (any, error)) {
		r.Post("/sandbox/orders/{id}/"+name, serve(c.lever(pull)))
	}
	plain := func(name string, pull func(id string) error) {
		lever(name, func(id string, asked *members) (any, error) {
			return c.moved(id, asked, func() error { return pull(id) })
		})
	}
	r.Get("/sandbox/orders/{id}", serve(c.showOrder))
	plain("fail", g.Fail)
	plain("cancel", g.Cancel)
	plain("expire", g.Expire)
	plain("void", g.Void)
	lever("pay", c.pay)
	lever("challenge", c.challenge)
	lever("status", c.setStatus)
	lever("capture", c.capture)
	lever("refund", c.refund)
	lever("chargeback", c.chargeback)
	lever("reversal", c.reversal)
	r.Post("/sandbox/orders/{id}/edit", serve(c.edit))
}

// refundRoutes are the levers of a refund that is under way, by its own id. Each answers with the refund's order as it
// is then.
func (c *control) refundRoutes(r chi.Router) {
	lever := func(name string, pull func(refundID string) error) {
		r.Post("/sandbox/refunds/{id}/"+name, serve(c.lever(func(id string, asked *members) (any, error) {
			return c.moved(id, asked, func() error { return pull(id) })
		})))
	}
	lever("complete", c.gateway.CompleteRefund)
	lever("fail", c.gateway.FailRefund)
}

// lever reads a call's order and body. An unknown order is refused before anything else.
func (c *control) lever(pull func(id string, asked *members) (any, error)) func(*http.Request) (int, any, error) {
	return func(r *http.Request) (int, any, error) {
		id := r.PathValue("id")
		asked, err := readMembers(r)
		if err != nil {
			return 0, nil, err
		}
		if _, err := c.order(id); err != nil {
			return 0, nil, err
		}
		value, err := pull(id, asked)
		return http.StatusOK, value, refused(err)
	}
}

// order returns an order as it is stored.
func (c *control) order(id string) (map[string]any, error) {
	doc, err := c.gateway.Document(id)
	return doc, refused(err)
}

// moved pulls a lever unless something is wrong with the body, and returns the order as it is then.
func (c *control) moved(id string, asked *members, pull func() error) (any, error) {
	if err := asked.end(); err != nil {
		return nil, err
	}
	if err := pull(); err != nil {
		return nil, err
	}
	return c.order(id)
}

func (c *control) showOrder(r *http.Request) (int, any, error) {
	doc, err := c.order(r.PathValue("id"))
	return http.StatusOK, doc, err
}

// pay never repeats a number that is no test card's: it could be a real one.
func (c *control) pay(id string, asked *members) (any, error) {
	number := asked.text("card")
	switch {
	case !asked.has("card"):
		number = sandbox.CardVisa
	case !asked.wrong("card") && !sandbox.IsTestCard(number):
		asked.refuse("card", "is no test card")
	}
	return c.moved(id, asked, func() error { return c.gateway.Pay(id, number) })
}

// challenge answers the question for a one-time code that a payment left open.
func (c *control) challenge(id string, asked *members) (any, error) {
	code := asked.text("code")
	if code == "" && !asked.wrong("code") {
		asked.refuse("code", "is required")
	}
	return c.moved(id, asked, func() error { return c.gateway.Challenge(id, code) })
}

func (c *control) setStatus(id string, asked *members) (any, error) {
	status := asked.text("status")
	if status == "" && !asked.wrong("status") {
		asked.refuse("status", "is required")
	}
	return c.moved(id, asked, func() error { return c.gateway.SetStatus(id, status) })
}

func (c *control) capture(id string, asked *members) (any, error) {
	amount := c.amount(id, asked, "capturable")
	return c.moved(id, asked, func() error { return c.gateway.Capture(id, amount) })
}

func (c *control) refund(id string, asked *members) (any, error) {
	amount := c.amount(id, asked, "refundable")
	return made(asked, func() (string, error) { return c.gateway.Refund(id, amount) })
}

func (c *control) chargeback(id string, asked *members) (any, error) {
	return made(asked, func() (string, error) { return c.gateway.Chargeback(id) })
}

func (c *control) reversal(id string, asked *members) (any, error) {
	return made(asked, func() (string, error) { return c.gateway.Reversal(id) })
}

// madeOrder names an order that a lever made.
type madeOrder struct {
	ID string `json:"id"`
}

func made(asked *members, pull func() (string, error)) (any, error) {
	if err := asked.end(); err != nil {
		return nil, err
	}
	id, err := pull()
	if err != nil {
		return nil, err
	}
	return madeOrder{id}, nil
}

// amount returns the member amount, in minor units; if it is absent, all that is possible by amount_details.
func (c *control) amount(id string, asked *members, possible string) int64 {
	const most = 1 << 53
	if asked.has("amount") {
		return asked.integer("amount", 1, most, 0)
	}
	doc, err := c.gateway.Document(id)
	if err != nil {
		return 0
	}
	details, _ := doc["amount_details"].(map[string]any)
	all, _ := details[possible].(json.Number)
	n, _ := all.Int64() // an order bent out of form has nothing, which the lever refuses
	return n
}

// edit takes a merge patch of RFC 7396.
func (c *control) edit(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	body, err := readBody(r)
	if err != nil {
		return 0, nil, err
	}
	patch, err := parsePatch(body)
	if err != nil {
		return 0, nil, err
	}
	if err := c.gateway.Edit(id, func(doc map[string]any) {
		merged := mergePatch(doc, patch)
		clear(doc)
		maps.Copy(doc, merged)
	}); err != nil {
		return 0, nil, refused(err)
	}
	doc, err := c.order(id)
	return http.StatusOK, doc, err
}
