package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"webhookd/internal/store"
)

const (
	// holdFor is how long the service is asked to hold an answer without events.
	holdFor = "25s"
	// The first and the longest pause before a lost service is asked again.
	firstPause, longestPause = 500 * time.Millisecond, 15 * time.Second
)

// eventsCommand groups what is asked about the feed of a running webhookd.
type eventsCommand struct {
	Tail eventsTailCommand `cmd:"" help:"Print the newest events, and with -f those to come."`
}

// eventsTailCommand begins with the newest events that match: with Order out of all, otherwise out of the last page of
// the feed.
type eventsTailCommand struct {
	remote
	After  *int64      `placeholder:"SEQ" help:"Print all events after this position of the feed."`
	Last   int         `short:"n" default:"20" help:"Without --after: how many of the newest to begin with."`
	Follow bool        `short:"f" help:"Go on with the events to come, until a signal."`
	Type   []eventType `placeholder:"TYPE" help:"Only events of this type, such as order.paid, or just paid."`
	Order  orderID     `placeholder:"ID" help:"Only events of this order."`
	JSON   bool        `help:"Print each event as the API gives it, one a line."`
}

// Validate refuses numbers that mean nothing.
func (c *eventsTailCommand) Validate() error {
	switch {
	case c.Last < 0:
		return reason("--last must be 0 or more")
	case c.After != nil && *c.After < 0:
		return reason("--after must be 0 or more")
	}
	return nil
}

// Run prints events in the order of the feed, none twice and none left out, until the feed's head or a signal.
func (c eventsTailCommand) Run(w *world) error {
	api, err := c.connect(w, scopeRead)
	if err != nil {
		return err
	}
	t := &tail{eventsTailCommand: c, world: w, api: api}
	if err := t.run(); w.ctx.Err() == nil {
		return err
	}
	return nil // a signal is how one ends this
}

// tail is a reader of the feed.
type tail struct {
	eventsTailCommand
	*world
	api  *client
	feed string // its identity, once known: a reader must not go on in another one
	read int64  // position up to which all is printed
}

// feedPage is a stretch of the feed.
type feedPage struct {
	Feed    string            `json:"feed"`
	Events  []json.RawMessage `json:"events"`
	Next    int64             `json:"next"`
	Head    int64             `json:"head"`
	HasMore bool              `json:"has_more"`
}

// run prints what is there, and with Follow what comes.
func (t *tail) run() error {
	if err := t.begin(); err != nil {
		return err
	}
	for more := t.After != nil; more || t.Follow; {
		var err error
		if more, err = t.next(); err != nil {
			return err
		}
	}
	return nil
}

// begin finds the position to begin at, and prints what comes before it.
func (t *tail) begin() error {
	if t.After != nil {
		t.read = *t.After
		return nil
	}
	head, err := t.head()
	if err != nil {
		return err
	}
	events, err := t.newest(head)
	if err != nil {
		return err
	}
	var chosen []feedEvent
	for _, text := range events {
		e, err := readEvent(text)
		if err != nil {
			return err
		}
		if e.Seq <= head && t.wants(e) {
			chosen = append(chosen, e)
		}
	}
	for _, e := range chosen[max(0, len(chosen)-t.Last):] {
		if err := e.print(t.stdout, t.JSON); err != nil {
			return err
		}
	}
	t.read = head
	return nil
}

// head asks for the newest position, and learns the feed's identity.
func (t *tail) head() (int64, error) {
	page, err := t.page(0, 1, "")
	if p, ok := errors.AsType[*problemError](err); ok && p.Status == http.StatusGone {
		// The first events are no longer kept. The newest event of a young order is.
		var list struct {
			Orders []store.Order `json:"orders"`
		}
		if err := t.api.get(t.ctx, "/v1/orders", url.Values{"limit": {"100"}}, callTimeout, &list); err != nil {
			return 0, err
		}
		known := int64(0)
		for _, o := range list.Orders {
			known = max(known, o.Seq)
		}
		page, err = t.page(known, 1, "")
	}
	if err != nil {
		return 0, err
	}
	t.feed = page.Feed
	return page.Head, nil
}

// newest reads the events out of which the first ones are chosen: all of one order, or the last page of the feed.
func (t *tail) newest(head int64) ([]json.RawMessage, error) {
	if t.Order == "" {
		return t.lastPage(head)
	}
	var history feedPage
	err := t.api.get(t.ctx, "/v1/orders/"+string(t.Order)+"/history", nil, callTimeout, &history)
	if p, ok := errors.AsType[*problemError](err); ok && p.Status == http.StatusNotFound && t.Follow {
		return nil, nil // it may come
	}
	return history.Events, err
}

// lastPage reads the last page of the feed. What is no longer kept of it is left out.
func (t *tail) lastPage(head int64) ([]json.RawMessage, error) {
	size := int64(maxPage)
	if len(t.Type) == 0 {
		size = min(size, int64(t.Last))
	}
	for ; size > 0; size /= 2 {
		page, err := t.page(max(0, head-size), int(size), "")
		if p, ok := errors.AsType[*problemError](err); !ok || p.Status != http.StatusGone {
			return page.Events, err
		}
	}
	return nil, nil
}

// next prints the next stretch of the feed, and waits for it with Follow. While the service cannot be reached it asks
// on. It reports whether there is more at once.
func (t *tail) next() (more bool, err error) {
	hold := ""
	if t.Follow {
		hold = holdFor
	}
	page, err := t.page(t.read, maxPage, hold)
	if t.Follow && t.feed != "" && passes(err) && t.ctx.Err() == nil {
		page, err = t.outlast(err)
	}
	if err != nil {
		return false, err
	}
	t.feed = page.Feed
	for _, text := range page.Events {
		e, err := readEvent(text)
		if err != nil {
			return false, err
		}
		if e.Seq != t.read+1 {
			return false, fmt.Errorf("the feed has a gap: %d follows %d", e.Seq, t.read)
		}
		if t.wants(e) {
			if err := e.print(t.stdout, t.JSON); err != nil {
				return false, err
			}
		}
		t.read = e.Seq
	}
	return page.HasMore, nil
}

// outlast asks for the same page again until there is an answer, or a refusal that will not pass.
func (t *tail) outlast(err error) (feedPage, error) {
	lost := time.Now()
	fmt.Fprintf(t.stderr, "webhookd: %v; asking again from %d\n", err, t.read)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		select {
		case <-t.ctx.Done():
			return feedPage{}, t.ctx.Err()
		case <-time.After(pause):
		}
		page, err := t.page(t.read, maxPage, "") // not held, so that it is known at once that the service is back
		if err == nil {
			fmt.Fprintf(t.stderr, "webhookd: back after %s\n", time.Since(lost).Round(time.Second))
		}
		if err == nil || !passes(err) {
			return page, err
		}
	}
}

// page reads events after a position, of the feed that was read from so far.
func (t *tail) page(after int64, limit int, hold string) (page feedPage, err error) {
	query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(limit)}}
	if t.feed != "" {
		query.Set("feed", t.feed)
	}
	timeout := callTimeout
	if hold != "" {
		query.Set("wait", hold)
		timeout = waitTimeout
	}
	err = t.api.get(t.ctx, "/v1/events", query, timeout, &page)
	return page, err
}

func (t *tail) wants(e feedEvent) bool {
	return (t.Order == "" || e.OrderID == string(t.Order)) &&
		(len(t.Type) == 0 || slices.Contains(t.Type, eventType(e.Type)))
}
