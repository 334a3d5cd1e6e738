package sandbox

import (
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The order statuses of the contract that the gateway knows the meaning of (CONTRACT 3.1).
const (
	statusNew        = "new"
	statusProcessing = "processing"
	statusError      = "error"
	statusCompleted  = "completed"
	statusCancelled  = "cancelled"
	statusExpired    = "expired"
)

// order is one order of the gateway. Reading it takes no lock: answer is what a GET shows, ready to be sent.
type order struct {
	id      string
	created time.Time
	expires time.Time // zero when it never does

	answer atomic.Pointer[answer]
	frozen atomic.Pointer[answer] // shown in the place of answer while set

	mu       sync.Mutex
	doc      document // all but amount_details
	funds    funds    // shown as amount_details
	previous *answer  // what was shown before the last change
	modified time.Time
	changes  int
	unset    func() bool // stops the timer of expires

	challenge *challenge // the last one; nil when there was none
	forms     []string   // of the payment page that made an attempt

	// bentDetails stand in the place of funds if not nil: amount_details as Edit left them, empty for none at all.
	bentDetails []byte
}

// funds is the object amount_details of CONTRACT 2.2: what can be done with an order's money and what was, in minor
// units.
type funds struct {
	Capturable int64 `json:"capturable"`
	Captured   int64 `json:"captured"`
	Refundable int64 `json:"refundable"`
	Refunded   int64 `json:"refunded"`
	Voidable   int64 `json:"voidable"`
	Voided     int64 `json:"voided"`
}

// answer is an order as JSON at one moment. It is never changed, only replaced.
type answer struct {
	text    []byte // the order
	details []byte // its amount_details; empty when a lever took them away
	etag    string
	hook    string // its webhook_url
}

// withDetails returns the order with amount_details as its last member.
func (a *answer) withDetails() []byte {
	if len(a.details) == 0 {
		return a.text
	}
	const name = `,"amount_details":`
	out := make([]byte, 0, len(a.text)+len(name)+len(a.details))
	out = append(out, a.text[:len(a.text)-1]...)
	out = append(out, name...)
	out = append(out, a.details...)
	return append(out, '}')
}

// shown returns what a GET shows now.
func (o *order) shown() *answer {
	if a := o.frozen.Load(); a != nil {
		return a
	}
	return o.answer.Load()
}

// publish makes the document what a GET shows, changed at now. The caller holds o.mu.
func (o *order) publish(now time.Time) error {
	now = now.Truncate(time.Microsecond)
	if !now.After(o.modified) { // every change moves modified, even when the clock stands
		now = o.modified.Add(time.Microsecond)
	}
	o.doc["modified"] = stamp(now)
	text, err := json.Marshal(o.doc)
	if err != nil {
		return err
	}
	details := o.bentDetails
	if details == nil {
		if details, err = json.Marshal(o.funds); err != nil {
			return err
		}
	}
	o.changes++
	o.modified = now
	o.previous = o.answer.Load()
	o.answer.Store(&answer{
		text:    text,
		details: details,
		etag:    strconv.Quote(strconv.Itoa(o.changes)),
		hook:    o.doc.text("webhook_url"),
	})
	return nil
}

// arm has ring called at the order's expiry.
func (o *order) arm(clock Clock, ring func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.expires.IsZero() {
		o.unset = clock.AfterFunc(o.expires.Sub(clock.Now()), ring)
	}
}

// disarm stops what arm started.
func (o *order) disarm() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unset != nil {
		o.unset()
	}
}
