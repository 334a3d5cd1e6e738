package feed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"webhookd/internal/store"
)

var errAway = errors.New("the database is away")

// memory is a feed in memory, with the rules of the real one.
type memory struct {
	mu       sync.Mutex
	feed     string
	floor    int64
	events   []store.Event // after floor
	err      error         // what every read returns, if set
	spoil    func([]store.Event) []store.Event
	pages    int // reads of events so far
	extents  int
	now, max int // reads of events at the moment, and most of them
	slow     time.Duration
}

func newMemory() *memory { return &memory{feed: "one"} }

// add writes events, each of an order of its own unless ids are given.
func (m *memory) add(n int, ids ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range n {
		seq := m.floor + int64(len(m.events)) + 1
		id := fmt.Sprintf("order-%d", seq)
		if len(ids) > 0 {
			id = ids[i%len(ids)]
		}
		m.events = append(m.events, store.Event{
			Seq: seq, Type: "order.paid", OrderID: id, Time: time.Unix(seq, 0).UTC(), Source: "webhook",
			Previous: json.RawMessage("null"),
			Order:    json.RawMessage(`{"order_id":"` + id + `","description":"a\nb <&> ` + strings.Repeat("x", 1000) + `"}`),
		})
	}
}

// set changes the feed under its lock.
func (m *memory) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

// reads is how many queries there were.
func (m *memory) reads() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages + m.extents
}

func (m *memory) head() int64 { return m.floor + int64(len(m.events)) }

func (m *memory) Extent(context.Context) (store.Extent, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.extents++
	return store.Extent{Feed: m.feed, Floor: m.floor, Head: m.head()}, m.err
}

func (m *memory) Events(ctx context.Context, feed string, after int64, limit int) (store.Page, error) {
	m.begin()
	defer m.end()
	if m.slow > 0 {
		select {
		case <-time.After(m.slow):
		case <-ctx.Done():
			return store.Page{}, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return store.Page{}, m.err
	}
	x := store.Extent{Feed: m.feed, Floor: m.floor, Head: m.head()}
	if err := x.Continue(feed, after); err != nil {
		return store.Page{}, err
	}
	from := after - m.floor
	to := min(from+int64(limit), int64(len(m.events)))
	page := store.Page{Feed: m.feed, Events: append([]store.Event{}, m.events[from:to]...), Next: m.floor + to, Head: x.Head}
	page.HasMore = page.Next < page.Head
	if m.spoil != nil {
		page.Events = m.spoil(page.Events)
	}
	return page, nil
}

func (m *memory) begin() {
	m.set(func() {
		m.pages++
		m.now++
		m.max = max(m.max, m.now)
	})
}

func (m *memory) end() { m.set(func() { m.now-- }) }
