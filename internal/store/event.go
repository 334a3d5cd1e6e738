package store

import (
	"encoding/json"
	"time"

	"webhookd/internal/payment"
)

// EventType names what an event tells: "order." and the new state, or one of the constants.
type EventType string

// The event types that are not named for a state.
const (
	EventChanged  EventType = "order.changed"  // verified data changed, the state did not
	EventMismatch EventType = "order.mismatch" // first seen to differ from what the shop expects
	EventAnomaly  EventType = "order.anomaly"  // the gateway took a payment or its amount back
	EventStuck    EventType = "order.stuck"    // unsettled for too long
)

// EventTypes lists all of them.
func EventTypes() []EventType {
	types := []EventType{EventChanged, EventMismatch, EventAnomaly, EventStuck}
	for _, s := range payment.States() {
		if s != payment.Unverified { // nothing has happened yet
			types = append(types, "order."+EventType(s))
		}
	}
	return types
}

// Event is one entry of the feed. Who has read position n has read all up to n.
type Event struct {
	Seq             int64           `json:"seq" doc:"Position in the feed: 1, 2, 3 and so on, in the order of commits."`
	Type            EventType       `json:"type" doc:"order. and the new state, order.changed, order.mismatch, order.anomaly or order.stuck."`
	OrderID         string          `json:"order_id"`
	MerchantOrderID *string         `json:"merchant_order_id"`
	Time            time.Time       `json:"time" doc:"When it was committed."`
	Source          string          `json:"source" enum:"webhook,poll,sweep,refresh,operation" doc:"What made us look."`
	Previous        json.RawMessage `json:"previous" doc:"The order before; null if it was not known."`
	Order           json.RawMessage `json:"order" doc:"The order as of this event."`
}

// Previous is what an event says of the order before it.
type Previous struct {
	Status      *string       `json:"status"`
	State       payment.State `json:"state"`
	Amount      *int64        `json:"amount"`
	Currency    *string       `json:"currency"`
	Fulfillable bool          `json:"fulfillable"`
}
