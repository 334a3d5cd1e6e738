package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// orderID is the gateway's id of an order, checked before it becomes part of a path.
type orderID string

// UnmarshalText refuses what can be no order's id.
func (o *orderID) UnmarshalText(text []byte) error {
	if !nopayn.ValidID(string(text)) {
		return reason("an order id is 1 to 64 letters, digits, _ or -")
	}
	*o = orderID(text)
	return nil
}

// orderState is our reading of an order.
type orderState string

// UnmarshalText refuses what is no state.
func (s *orderState) UnmarshalText(text []byte) error {
	*s = orderState(text)
	return oneOf(payment.State(text), payment.States())
}

// oneOf refuses what is not in the list.
func oneOf[T ~string](given T, known []T) error {
	if slices.Contains(known, given) {
		return nil
	}
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	return reason(fmt.Sprintf("%s is none of %s", quoted(string(given)), strings.Join(words, ", ")))
}

// moment is a time, written as RFC 3339 or as how long ago it was.
type moment struct{ time.Time }

// UnmarshalText reads 2026-03-01T12:00:00Z, or 2h for two hours ago.
func (m *moment) UnmarshalText(text []byte) error {
	if ago, err := time.ParseDuration(string(text)); err == nil && ago >= 0 {
		m.Time = time.Now().Add(-ago)
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return reason("expected a time such as 2026-03-01T12:00:00Z, or 2h for two hours ago")
	}
	m.Time = at
	return nil
}

// eventType is the type of an event. The order. in front may be left out.
type eventType string

// UnmarshalText completes what was left out, and refuses what is no type: nothing would ever come of it.
func (e *eventType) UnmarshalText(text []byte) error {
	const prefix = "order."
	*e = eventType(prefix + strings.TrimPrefix(string(text), prefix))
	return oneOf(store.EventType(*e), store.EventTypes())
}
