package sandbox

import (
	"net/http"
	"time"
)

func (g *Gateway) createOrder(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Order", g.rules.create)
	if err != nil {
		return err
	}
	o, err := g.create(asked)
	if err != nil {
		return err
	}
	made := o.answer.Load()
	writeOrder(w, http.StatusCreated, made, made.text)
	return nil
}

func (g *Gateway) getOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := g.orders.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	shown := o.shown()
	text := shown.text
	if r.URL.RawQuery != "" {
		text = shown.with(r.URL.Query()["fields[]"])
	}
	writeOrder(w, http.StatusOK, shown, text)
	return nil
}

// listOrders answers with the orders made in a period, its ends included, oldest first (CONTRACT 2.12).
func (g *Gateway) listOrders(w http.ResponseWriter, r *http.Request) error {
	since, err := moment(r, "created_since", "Begin of the period")
	if err != nil {
		return err
	}
	until, err := moment(r, "created_until", "End of the period")
	if err != nil {
		return err
	}
	list := []byte{'['}
	for i, o := range g.orders.createdWithin(since, until) {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, o.shown().text...)
	}
	writeJSON(w, http.StatusOK, append(list, ']'))
	return nil
}

// moment returns a required time of the query.
func moment(r *http.Request, name, about string) (time.Time, error) {
	given := r.URL.Query().Get(name)
	if given == "" {
		return time.Time{}, invalid(name, about, "is required")
	}
	t, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return time.Time{}, invalid(name, about, "must be a time of RFC 3339 such as 2026-03-02T09:00:00Z")
	}
	return t, nil
}

// updateOrder writes what a shop may still say about an order it has made, and sends no webhook: the order's state is
// the same (CONTRACT 2.7).
func (g *Gateway) updateOrder(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Order", g.rules.update)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = g.change(id, func(o *order, _ time.Time) error {
		if err := o.match(r.Header.Values("If-Match")); err != nil {
			return err
		}
		return o.doc.update(asked)
	})
	if err != nil {
		return err
	}
	return g.showOrder(w, id)
}

// cancelOrder cancels an order that is not completed.
func (g *Gateway) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := g.changeAndTell(id, func(o *order, now time.Time) error {
		if err := o.match(r.Header.Values("If-Match")); err != nil {
			return err
		}
		return o.cancel("Cancelled by merchant", now)
	})
	if err != nil {
		return err
	}
	return g.showOrder(w, id)
}

// showOrder answers with an order as it is, also while [Gateway.StaleGET] has it shown otherwise.
func (g *Gateway) showOrder(w http.ResponseWriter, id string) error {
	o, err := g.orders.find(id)
	if err != nil {
		return err
	}
	now := o.answer.Load()
	writeOrder(w, http.StatusOK, now, now.text)
	return nil
}
