package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Page is a stretch of the feed.
type Page struct {
	Feed    string  `json:"feed" doc:"Identity of the feed; another one means another database or a restored backup."`
	Events  []Event `json:"events"`
	Next    int64   `json:"next" doc:"What to pass as after to go on."`
	Head    int64   `json:"head" doc:"Newest position."`
	HasMore bool    `json:"has_more"`
}

// GoneError says that a reader's place in the feed cannot be continued from: the events behind it are no longer kept,
// or it belongs to another feed. Reason is for the reader.
type GoneError struct {
	Reason string
}

func (e *GoneError) Error() string { return e.Reason }

// Extent is what the feed holds: the events after Floor up to Head.
type Extent struct {
	Feed  string // identity
	Floor int64  // newest position that is no longer kept; 0 if all are
	Head  int64  // newest position
}

// Continue returns a *GoneError if nobody can go on reading after position after. If feed is not empty it must be the
// feed's identity.
func (x Extent) Continue(feed string, after int64) error {
	switch {
	case feed != "" && feed != x.Feed:
		return &GoneError{"this is another feed than the one named: start again from 0"}
	case after < x.Floor:
		return &GoneError{fmt.Sprintf("events up to %d are no longer kept", x.Floor)}
	case after > x.Head:
		return &GoneError{fmt.Sprintf("the feed ends at %d", x.Head)}
	}
	return nil
}

const selectExtent = `select id::text, floor, head, current_setting('transaction_read_only')::bool from feed where one`

// scan reads the extent, and refuses that of a server which takes no writes.
func (x *Extent) scan(r pgx.Row) error {
	var readOnly bool
	if err := r.Scan(&x.Feed, &x.Floor, &x.Head, &readOnly); err != nil {
		return err
	}
	if readOnly {
		return errNoPrimary
	}
	return nil
}

// Extent tells what the feed holds now.
func (s *Store) Extent(ctx context.Context) (Extent, error) {
	var x Extent
	if err := x.scan(s.pool.QueryRow(ctx, selectExtent)); err != nil {
		return Extent{}, fmt.Errorf("read the feed's extent: %w", err)
	}
	return x, nil
}

// Events returns at most limit events after position after. If feed is not empty it must be the feed's identity. A
// place that cannot be continued from is a *GoneError.
func (s *Store) Events(ctx context.Context, feed string, after int64, limit int) (Page, error) {
	var page Page
	var extent Extent
	b := &pgx.Batch{}
	b.Queue(selectEvents+`where seq > $1 order by seq limit $2`, after, limit).Query(func(rows pgx.Rows) (err error) {
		page.Events, err = collectEvents(rows)
		return err
	})
	// Read second, so that head is never behind the events, and floor never behind what was pruned.
	b.Queue(selectExtent).QueryRow(extent.scan)
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return Page{}, fmt.Errorf("read the feed after %d: %w", after, err)
	}
	if err := extent.Continue(feed, after); err != nil {
		return Page{}, err
	}
	page.Feed, page.Head = extent.Feed, extent.Head
	page.Next = after
	if n := len(page.Events); n > 0 {
		page.Next = page.Events[n-1].Seq
	}
	page.HasMore = page.Next < page.Head
	return page, nil
}

// History returns at most limit events of one order after position after, oldest first. A beginning without events is
// ErrNotFound if the order is not known.
func (s *Store) History(ctx context.Context, id string, after int64, limit int) ([]Event, error) {
	rows, _ := s.pool.Query(ctx, selectEvents+`where order_id = $1 and seq > $2 order by seq limit $3`, id, after, limit)
	events, err := collectEvents(rows)
	if err != nil {
		return nil, fmt.Errorf("history of order %s: %w", id, err)
	}
	if len(events) > 0 || after > 0 {
		return events, nil
	}
	if _, err := s.Order(ctx, id); err != nil {
		return nil, err
	}
	return events, nil
}

const selectEvents = `select seq, type, order_id, merchant_order_id, time, source, previous, snapshot from events `

// eventRow is one row of the table events.
type eventRow struct {
	Seq             int64
	Type            string
	OrderID         string
	MerchantOrderID *string
	Time            time.Time
	Source          string
	Previous        []byte
	Snapshot        []byte
}

func collectEvents(rows pgx.Rows) ([]Event, error) {
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[eventRow])
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(found))
	for i, r := range found {
		if r.Previous == nil {
			r.Previous = []byte("null")
		}
		events[i] = Event{
			Seq: r.Seq, Type: EventType(r.Type), OrderID: r.OrderID, MerchantOrderID: r.MerchantOrderID,
			Time: r.Time.UTC(), Source: r.Source, Previous: json.RawMessage(r.Previous), Order: r.Snapshot,
		}
	}
	return events, nil
}
