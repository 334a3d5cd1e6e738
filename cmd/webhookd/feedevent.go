package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"webhookd/internal/store"
)

// feedEvent is one event of the feed.
type feedEvent struct {
	store.Event
	text json.RawMessage // as the API gave it
}

func readEvent(text json.RawMessage) (feedEvent, error) {
	e := feedEvent{text: text}
	if err := json.Unmarshal(text, &e.Event); err != nil {
		return feedEvent{}, fmt.Errorf("read an event: %w", err)
	}
	return e, nil
}

// print writes the event on one line. The columns are of fixed width, since nobody knows the events to come.
func (e feedEvent) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return printLine(w, e.text)
	}
	var o store.Order
	if err := json.Unmarshal(e.Order, &o); err != nil {
		return fmt.Errorf("read the order of event %d: %w", e.Seq, err)
	}
	_, err := fmt.Fprintf(w, "%6d  %s  %-24s %-36s %14s  %-16s %s\n", e.Seq, e.Time.UTC().Format(time.RFC3339), e.Type,
		e.OrderID, money(o.Amount, o.Currency), cell(o.MerchantOrderID), ship(o.Fulfillable, o.Holds))
	return err
}
