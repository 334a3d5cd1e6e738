package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// feed: positions are 1, 2, 3 and so on up to the head.
func (c *checker) feed() {
	for i, e := range c.Database.Events {
		if e.Seq != int64(i)+1 {
			c.find("feed", "position %d of the feed holds event %d", i+1, e.Seq)
			break
		}
	}
	if n := int64(len(c.Database.Events)); n != c.Database.Head {
		c.find("feed", "the feed holds %d events, and its head is %d", n, c.Database.Head)
	}
}

// told is what an event says of its order.
type told struct {
	State          string
	Fulfillable    bool
	Amount         *int64
	RefundedAmount int64 `json:"refunded_amount"`
}

// changes: every change of an order has one event, and every event tells of a change.
func (c *checker) changes() {
	last := map[string]StoredEvent{}
	for _, e := range c.Database.Events {
		before, any := last[e.OrderID]
		if why := noChange(before, any, e); why != "" {
			c.find("change", "event %d of order %s (%s): %s", e.Seq, e.OrderID, e.Type, why)
		}
		last[e.OrderID] = e
	}
	for _, id := range slices.Sorted(maps.Keys(c.Database.Orders)) {
		o := c.Database.Orders[id]
		e, ok := last[id]
		if !ok {
			if o.State != "unverified" {
				c.find("change", "order %s is %s, and no event says so", id, o.State)
			}
			continue
		}
		now := read[told](e.Snapshot)
		if e.Seq != o.Seq || now.State != o.State || now.RefundedAmount != o.RefundedAmount || now.Fulfillable != o.Clear ||
			text(now.Amount) != text(o.Amount) {
			c.find("change", "order %s is %+v, and its last event, %d, tells otherwise: %+v", id, o, e.Seq, now)
		}
	}
}

// noChange says why an event tells of no change since the one before it; empty if it does.
func noChange(before StoredEvent, any bool, e StoredEvent) string {
	now, previous := read[told](e.Snapshot), read[told](e.Previous)
	state, names := strings.CutPrefix(e.Type, "order.")
	switch {
	case !names:
		return "no such type"
	case state == "mismatch" || state == "anomaly" || state == "stuck": // beside the change, if there is one
		if any && before.Type == e.Type && sameFacts(before.Snapshot, e.Snapshot) {
			return "it repeats the one before"
		}
		return ""
	}
	if any && read[told](before.Snapshot).State != previous.State {
		return fmt.Sprintf("it leads away from %q, and the order was %q", previous.State, read[told](before.Snapshot).State)
	}
	if state == "changed" {
		switch {
		case now.State != previous.State:
			return "the state changed"
		case any && sameFacts(before.Snapshot, e.Snapshot):
			return "nothing changed"
		}
		return ""
	}
	switch {
	case state != now.State:
		return fmt.Sprintf("the order is %q", now.State)
	case previous.State == now.State:
		return "the state did not change"
	}
	return ""
}

// sameFacts reports whether two snapshots tell a reader the same. Times and book-keeping are no facts.
func sameFacts(a, b json.RawMessage) bool { return reflect.DeepEqual(facts(a), facts(b)) }

func facts(snapshot json.RawMessage) map[string]any {
	m := read[map[string]any](snapshot)
	for _, name := range []string{
		"modified_at", "checked_at", "next_check_at", "last_error", "check_failures", "webhooks", "seq", "settled",
	} {
		delete(m, name)
	}
	transactions, _ := m["transactions"].([]any)
	for _, t := range transactions {
		if t, ok := t.(map[string]any); ok {
			delete(t, "modified_at")
		}
	}
	return m
}

// read reads JSON that the database has kept; what is missing stays zero.
func read[T any](text json.RawMessage) (v T) {
	_ = json.Unmarshal(text, &v)
	return v
}

// consumers: each saw every event once, in order, and all of them.
func (c *checker) consumers() {
	for _, name := range slices.Sorted(maps.Keys(c.Ledger.Readings)) {
		r := c.Ledger.Readings[name]
		c.consumer(name, r)
		if r.Feed != "" && r.Feed != c.Database.Feed {
			c.find("feed", "%s read feed %s, which is %s", name, r.Feed, c.Database.Feed)
		}
		if n := int64(len(r.Seen)); n < c.Database.Head {
			c.find("behind", "%s saw %d of %d events", name, n, c.Database.Head)
		}
	}
}

func (c *checker) consumer(name string, r *Reading) {
	for i, p := range r.Seen {
		if p.Seq != int64(i)+1 {
			c.find("consumer", "%s got event %d where %d comes", name, p.Seq, i+1)
			return
		}
		if i >= len(c.Database.Events) {
			c.find("consumer", "%s got event %d, which is not stored", name, p.Seq)
			return
		}
		if e := c.Database.Events[i]; e.Type != p.Type || e.OrderID != p.OrderID {
			c.find("consumer", "%s got %+v, and stored is %s of %s", name, p, e.Type, e.OrderID)
			return
		}
	}
}
