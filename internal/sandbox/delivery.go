package sandbox

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// DeliveryState is how far a webhook has come.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting      DeliveryState = "waiting"      // for its first attempt, an answer, or its next attempt
	DeliveryAcknowledged DeliveryState = "acknowledged" // an attempt was answered 2xx
	DeliveryFailed       DeliveryState = "failed"       // every attempt was used
	DeliveryLost         DeliveryState = "lost"         // by a fault; never sent
	DeliveryHeld         DeliveryState = "held"         // by a fault; to be sent later
)

// Delivery is one webhook and what became of it.
type Delivery struct {
	OrderID           string
	Event             string
	TransactionID     string // of a transaction_status_changed
	TransactionStatus string // likewise
	Forged            bool   // by Flood: about no order, and sent once
	URL               string
	Body              string    // JSON, as it is sent
	At                time.Time // when it was to be sent
	State             DeliveryState
	Attempts          []Attempt
}

// Attempt is one try to deliver a webhook.
type Attempt struct {
	At     time.Time
	Status int    // of the answer; 0 if there was none
	Error  string // why there was none
}

// deliveriesKept is how many deliveries the log holds at least; the oldest go first.
const deliveriesKept = 10_000

// deliveryBook is the log of deliveries.
type deliveryBook struct {
	mu      sync.Mutex
	entries []*Delivery
}

// Deliveries returns the log of webhooks for an order, oldest first, or of all if the id is empty. The log holds the
// last 10,000 at least.
func (g *Gateway) Deliveries(orderID string) []Delivery {
	book := &g.courier.book
	book.mu.Lock()
	defer book.mu.Unlock()
	var found []Delivery
	for _, d := range book.entries {
		if orderID == "" || d.OrderID == orderID {
			entry := *d
			entry.Attempts = slices.Clone(d.Attempts)
			found = append(found, entry)
		}
	}
	return found
}

// open puts a webhook on record.
func (b *deliveryBook) open(event webhookEvent, to string, state DeliveryState, at time.Time) *Delivery {
	return b.add(newDelivery(event, to, state, at))
}

func newDelivery(event webhookEvent, to string, state DeliveryState, at time.Time) *Delivery {
	body, err := json.Marshal(event)
	if err != nil { // cannot be: the event holds strings
		panic(err)
	}
	return &Delivery{
		OrderID: event.OrderID, Event: event.Event,
		TransactionID: event.TransactionID, TransactionStatus: event.TransactionStatus,
		URL: to, Body: string(body), At: at, State: state,
	}
}

func (b *deliveryBook) add(d *Delivery) *Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.entries) >= 2*deliveriesKept {
		b.entries = slices.Clone(b.entries[len(b.entries)-deliveriesKept:])
	}
	b.entries = append(b.entries, d)
	return d
}

// enter moves a webhook to a state in which nothing was sent yet.
func (b *deliveryBook) enter(d *Delivery, state DeliveryState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d.State = state
}

func (b *deliveryBook) record(d *Delivery, made Attempt, state DeliveryState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d.Attempts = append(d.Attempts, made)
	d.State = state
}
