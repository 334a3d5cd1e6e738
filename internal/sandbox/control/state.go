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

type settingsView struct {
	ProjectID  string      `json:"project_id"`
	MerchantID string      `json:"merchant_id"`
	Production bool        `json:"production"`
	PublicURL  string      `json:"public_url"`
	WebhookURL string      `json:"webhook_url,omitempty"`
	Webhooks   webhookView `json:"webhooks"`
	Seed       uint64      `json:"seed"`
}

type webhookView struct {
	FirstTimeout      string `json:"first_timeout"`
	Timeout           string `json:"timeout"`
	Attempts          int    `json:"attempts"`
	Interval          string `json:"interval"`
	Strict200         bool   `json:"strict_200"`
	TransactionEvents bool   `json:"transaction_events"`
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

func viewSettings(s sandbox.Settings) settingsView {
	return settingsView{
		ProjectID: s.ProjectID, MerchantID: s.MerchantID, Production: s.Production,
		PublicURL: s.PublicURL, WebhookURL: s.WebhookURL, Seed: s.Seed,
		Webhooks: webhookView{
			FirstTimeout: s.Webhooks.FirstTimeout.String(), Timeout: s.Webhooks.Timeout.String(),
			Attempts: s.Webhooks.Attempts, Interval: s.Webhooks.Interval.String(),
			Strict200: s.Webhooks.Strict200, TransactionEvents: s.Webhooks.TransactionEvents,
		},
	}
}
