package control

import (
	"net/http"

	"webhookd/internal/sandbox"
)

// stateView is everything a gateway knows, but for its key.
type stateView struct {
	Clock      clockView        `json:"clock"`
	Settings   settingsView     `json:"settings"`
	Orders     []map[string]any `json:"orders"` // oldest first
	Deliveries []deliveryView   `json:"deliveries"`
	Faults     []faultView      `json:"faults"`
	Calls      map[string]int   `json:"calls"` // by operation
}

func (c *control) showState(*http.Request) (int, any, error) {
	g := c.gateway
	view := stateView{
		Clock:      viewClock(g.Clock()),
		Settings:   viewSettings(g.Settings()),
		Orders:     []map[string]any{},
		Deliveries: viewDeliveries(g.Deliveries("")),
		Faults:     viewFaults(g.Faults()),
		Calls:      make(map[string]int),
	}
	for _, id := range g.OrderIDs() {
		doc, err := c.order(id)
		if err != nil {
			return 0, nil, err
		}
		view.Orders = append(view.Orders, doc)
	}
	for _, op := range sandbox.Operations() {
		view.Calls[shortName(op)] = g.Calls(op, "")
	}
	return http.StatusOK, view, nil
}
