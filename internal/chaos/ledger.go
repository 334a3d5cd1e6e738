package chaos

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Finding is a promise that was broken.
type Finding struct {
	Rule string // the check that found it
	Text string
}

func (f Finding) String() string { return f.Rule + ": " + f.Text }

// Expectation is what the shop said of an order when it registered it.
type Expectation struct {
	MerchantOrderID string
	Amount          int64
	Currency        string
}

// Deed is an operation that the shop asked for, with the answers to its key, in the order in which they came.
type Deed struct {
	Key     string
	Kind    string // "refund", "capture", "void" or "create"
	OrderID string // of a create, once it was answered
	Amount  int64
	Answers []Answer
}

// Answer is one answer to a key.
type Answer struct {
	Code   int    // of HTTP; 0 if there was none
	Status string // of the operation: "done", "refused", "unknown", "pending"; empty in a problem
	Reason string // the problem's code
	Order  string // of a create
	Refund string // of a refund
}

// Reading is the feed as one consumer got it.
type Reading struct {
	Name   string
	Feed   string // identity; empty for one that is not told it
	Seen   []Position
	Resets int // how often it had to connect again
}

// Position is an event as a consumer got it.
type Position struct {
	Seq     int64
	Type    string
	OrderID string
}

// Ledger holds what was promised while the load went on. Its methods may be called from any goroutine.
type Ledger struct {
	mu sync.Mutex

	Accepted   map[string]int         // webhooks answered 200, by order id
	Forged     map[string]bool        // ids that no gateway knows
	Registered map[string]Expectation // answered 200 or 201
	Tried      map[string]Expectation // registrations sent; the answer may never have come
	Deeds      map[string]*Deed       // by key
	Readings   map[string]*Reading    // by consumer

	Findings []Finding
	Counts   map[string]int // of what the load did

	draining map[string]drain // by replica's address
	inHand   []inHand
}

// drain is the time from a SIGTERM to the end of the process.
type drain struct{ from, to time.Time }

// inHand is a request that got no answer.
type inHand struct {
	replica      string
	what         string
	began, ended time.Time
}

func newLedger() *Ledger {
	return &Ledger{
		Accepted: map[string]int{}, Forged: map[string]bool{}, Registered: map[string]Expectation{},
		Tried: map[string]Expectation{},
		Deeds: map[string]*Deed{}, Readings: map[string]*Reading{}, Counts: map[string]int{},
		draining: map[string]drain{},
	}
}

// Find takes down a promise that was broken under our eyes.
func (l *Ledger) Find(rule, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Findings = append(l.Findings, Finding{rule, fmt.Sprintf(format, args...)})
}

func (l *Ledger) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Counts[what]++
}

// accepted takes down a webhook that was answered 200.
func (l *Ledger) accepted(id string, forged bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Accepted[id]++
	if forged {
		l.Forged[id] = true
	}
}

// forged is how many orders that do not exist were taken for ones that might.
func (l *Ledger) forged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.Forged)
}

// tries takes down a registration that is about to be sent.
func (l *Ledger) tries(id string, e Expectation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Tried[id] = e
}

func (l *Ledger) registered(id string, e Expectation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Registered[id] = e
}

func (l *Ledger) expectation(id string) (Expectation, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.Registered[id]
	return e, ok
}

// deed takes down an operation before it is asked for.
func (l *Ledger) deed(d Deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Deeds[d.Key] = &d
}

// answered takes down an answer to a key.
func (l *Ledger) answered(key string, a Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.Deeds[key]
	d.Answers = append(d.Answers, a)
	if d.Kind == "create" && a.Order != "" {
		d.OrderID = a.Order
	}
}

// deeds returns the operations, by key.
func (l *Ledger) deeds() []Deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Deed
	for _, key := range slices.Sorted(maps.Keys(l.Deeds)) {
		d := *l.Deeds[key]
		d.Answers = slices.Clone(d.Answers)
		all = append(all, d)
	}
	return all
}

// reading opens the book of a consumer.
func (l *Ledger) reading(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Readings[name] = &Reading{Name: name}
}

// saw takes down an event that a consumer got.
func (l *Ledger) saw(name string, p Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.Readings[name]
	r.Seen = append(r.Seen, p)
}

// told takes down the feed's identity, as a consumer was told it.
func (l *Ledger) told(name, feed string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.Readings[name]
	if r.Feed != "" && r.Feed != feed {
		l.Findings = append(l.Findings, Finding{"feed", fmt.Sprintf("%s was told feed %s after %s", name, feed, r.Feed)})
	}
	r.Feed = feed
}

func (l *Ledger) reset(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Readings[name].Resets++
}

// last is the newest position that a consumer has.
func (l *Ledger) last(name string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen := l.Readings[name].Seen; len(seen) > 0 {
		return seen[len(seen)-1].Seq
	}
	return 0
}

func (l *Ledger) stopping(replica string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draining[replica] = drain{from: at}
}

const (
	underWay = time.Second // a request that old when the signal comes is in hand, and not on its way
)

// stopped ends a drain: requests that were in hand when it began must have had their answers.
func (l *Ledger) stopped(replica string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.draining[replica]
	d.to = at
	l.draining[replica] = d
	l.judgeDrain(replica, d)
}

func (l *Ledger) judgeDrain(replica string, d drain) {
	for _, h := range l.inHand {
		if h.replica == replica && h.began.Before(d.from.Add(-underWay)) &&
			h.ended.After(d.from) && h.ended.Before(d.to.Add(underWay)) {
			l.Findings = append(l.Findings, Finding{"drain", fmt.Sprintf(
				"%s was in hand for %s when SIGTERM came, and got no answer", h.what, d.from.Sub(h.began))})
		}
	}
	l.inHand = nil
}

// unanswered takes down a request that ended without an answer, and not because we gave it up.
func (l *Ledger) unanswered(replica, what string, began time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inHand = append(l.inHand, inHand{replica, what, began, time.Now()})
}

// copied returns the ledger as it stands, for one who reads it while it is written.
func (l *Ledger) copied() *Ledger {
	deeds := map[string]*Deed{}
	for _, d := range l.deeds() {
		deeds[d.Key] = &d
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &Ledger{
		Accepted: maps.Clone(l.Accepted), Forged: maps.Clone(l.Forged), Registered: maps.Clone(l.Registered),
		Tried: maps.Clone(l.Tried),
		Deeds: deeds, Readings: map[string]*Reading{}, Findings: slices.Clone(l.Findings), Counts: maps.Clone(l.Counts),
	}
	for name, r := range l.Readings {
		reading := *r
		reading.Seen = slices.Clone(r.Seen)
		c.Readings[name] = &reading
	}
	return c
}
