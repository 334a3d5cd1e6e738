package sandbox

import (
	"encoding/json"
	"slices"
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
	doc      document  // all but amount_details
	funds    funds     // shown as amount_details
	past     []*answer // what was shown before, oldest first; statesKept of them
	modified time.Time
	changes  int
	due      time.Time   // what the timer was set for by rearm; zero when it was not
	unset    func() bool // stops what wake started

	takenBack int64 // by chargebacks and reversals, in minor units; shown by no member

	refund *refund              // what this order gives back; nil when it is no refund
	moved  map[string]lineCount // by merchant_order_line_id: what was moved by line

	challenge *challenge        // the last one; nil when there was none
	forms     []string          // of the payment page that made an attempt
	told      map[string]string // the statuses of its transactions that webhooks have told, by id

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
	lines   []byte // its order_line_details; empty when it has no lines
	etag    string
	hook    string    // its webhook_url
	since   time.Time // when it became so
}

// with returns the order with the members that are shown only when a read asks for these fields.
func (a *answer) with(fields []string) []byte {
	text := a.text
	if slices.Contains(fields, "amount_details") {
		text = appendMember(text, "amount_details", a.details)
	}
	if slices.Contains(fields, "order_line_details") {
		text = appendMember(text, "order_line_details", a.lines)
	}
	return text
}

// appendMember returns a JSON object with one more member, or as it is when the value is empty.
func appendMember(object []byte, name string, value []byte) []byte {
	if len(value) == 0 {
		return object
	}
	out := make([]byte, 0, len(object)+len(name)+len(value)+len(`,"":`))
	out = append(out, object[:len(object)-1]...)
	out = append(out, `,"`+name+`":`...)
	out = append(out, value...)
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
	lines, err := o.lineDetails()
	if err != nil {
		return err
	}
	o.changes++
	o.modified = now
	if shown := o.answer.Load(); shown != nil {
		o.past = append(o.past[max(0, len(o.past)+1-statesKept):], shown)
	}
	o.answer.Store(&answer{
		text:    text,
		details: details,
		lines:   lines,
		etag:    strconv.Quote(strconv.Itoa(o.changes)),
		hook:    o.doc.text("webhook_url"),
		since:   now,
	})
	return nil
}

// deadline returns when something is to happen to the order by itself: the end of its period as long as it can be paid,
// and once money is reserved, the end of the period of the transaction that reserved it (CONTRACT 9.4). Both are counted
// from when the order was made. It is zero for an order that has no end. The caller holds o.mu.
func (o *order) deadline() time.Time {
	if tx := o.doc.authorization(); tx != nil {
		return o.endOf(tx)
	}
	return o.expires
}

// endOf returns the end of the period of a transaction; the order's own for one that names none.
func (o *order) endOf(tx document) time.Time {
	if end, ok := endOfPeriod(o.created, tx.text("expiration_period")); ok {
		return end
	}
	return o.expires
}

// rearm has ring called at the order's deadline, in the place of an earlier call if the deadline has moved. The caller
// holds o.mu.
func (o *order) rearm(clock Clock, ring func(due time.Time)) {
	due := o.deadline()
	if due.IsZero() || due.Equal(o.due) {
		return
	}
	o.due = due
	o.wake(clock, due.Sub(clock.Now()), func() { ring(due) })
}

// wake has ring called once d has passed. An order has one timer, for its deadline or for the end of a refund: an
// earlier one is stopped. The caller holds o.mu.
func (o *order) wake(clock Clock, d time.Duration, ring func()) {
	if o.unset != nil {
		o.unset()
	}
	o.unset = clock.AfterFunc(d, ring)
}

// disarm stops what wake started.
func (o *order) disarm() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unset != nil {
		o.unset()
	}
}
