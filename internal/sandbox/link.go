package sandbox

import (
	"fmt"
	"sync"
	"time"
)

// The states of a payment link (CONTRACT 2.10).
const (
	linkNew             = "new"              // nobody has opened it
	linkProcessing      = "processing"       // it was opened, and can be paid
	linkAllUnsuccessful = "all_unsuccessful" // every attempt it had has failed
	linkCompleted       = "completed"
	linkExpired         = "expired"
)

const (
	// linkAttempts is how many orders a link may make.
	linkAttempts = 25
	// linkPeriod is the expiration period of a link that names none.
	linkPeriod = "P30D"
)

// link is a payment link. Its state follows from its orders and the clock, and is worked out when somebody looks. Each
// of its orders is paid on a page of its own, so two of them may be paid if a customer insists.
type link struct {
	id      string
	created time.Time
	expires time.Time
	fields  document // the request, with the default period

	mu       sync.Mutex
	attempts []string // its orders, oldest first
}

// linkState is a link at one moment.
type linkState struct {
	status    string
	reason    string // for people
	completed string // the order that was paid
	ended     string // when, as that order says
	orders    map[string][]string
	modified  time.Time
	open      string // the order a customer can pay now; empty when there is none
}

func (s linkState) over() bool { return s.status != linkNew && s.status != linkProcessing }

// linkStore holds the payment links by id.
type linkStore struct {
	mu   sync.RWMutex
	byID map[string]*link
}

func newLinkStore() *linkStore { return &linkStore{byID: make(map[string]*link)} }

func (s *linkStore) add(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[l.id] = l
}

// find returns a link, or a refusal with status 404.
func (s *linkStore) find(id string) (*link, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	l, ok := s.byID[id]
	if !ok {
		return nil, errNoLink(id)
	}
	return l, nil
}

// newLink stores a link of a request that follows the rules.
func (g *Gateway) newLink(asked document) *link {
	l := &link{id: newID(), created: g.clock.Now().Truncate(time.Microsecond), fields: document{}}
	for _, p := range []string{
		"merchant_order_id", "amount", "currency", "description", "payment_methods", "expiration_period", "return_url",
		"failure_url", "webhook_url", "customer",
	} {
		if value, given := asked[p]; given {
			l.fields[p] = value
		}
	}
	if l.fields["expiration_period"] == nil {
		l.fields["expiration_period"] = linkPeriod
	}
	l.expires, _ = endOfPeriod(l.created, l.fields.text("expiration_period"))
	g.links.add(l)
	return l
}

// follow is what happens when a customer opens a link: an attempt nobody has tried yet is his, else a new one is made,
// as long as the link can be paid. It returns the order to pay, or none and the state that says why.
func (g *Gateway) follow(l *link) (orderID string, state linkState, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, err = g.linkState(l)
	if err != nil || state.over() || state.open != "" {
		return state.open, state, err
	}
	asked := document{}
	for name, value := range l.fields {
		if name != "expiration_period" { // the attempt has the usual time of an order
			asked[name] = value
		}
	}
	o, err := g.createFor(l.id, asked)
	if err != nil {
		return "", state, fmt.Errorf("payment link %s: %w", l.id, err)
	}
	l.attempts = append(l.attempts, o.id)
	return o.id, state, nil
}

// linkState works out what has become of a link. The caller holds l.mu.
func (g *Gateway) linkState(l *link) (linkState, error) {
	s := linkState{orders: make(map[string][]string), modified: l.created}
	for _, id := range l.attempts {
		doc, err := g.Document(id)
		if err != nil {
			return s, err
		}
		s.count(document(doc))
	}
	now := g.clock.Now()
	switch {
	case s.completed != "":
		s.status, s.reason, s.open = linkCompleted, "Completed", ""
	case !now.Before(l.expires):
		s.status, s.reason, s.open = linkExpired, "Not paid in time", ""
		s.modified = later(s.modified, l.expires)
	case len(l.attempts) == 0:
		s.status, s.reason = linkNew, "Not visited yet"
	case len(l.attempts) >= linkAttempts && s.open == "":
		s.status, s.reason = linkAllUnsuccessful, "All attempts failed"
	default:
		s.status, s.reason = linkProcessing, "Visited, not paid yet"
	}
	return s, nil
}

// count adds one of the link's orders.
func (s *linkState) count(doc document) {
	id, status := doc.text("id"), doc.text("status")
	s.orders[status] = append(s.orders[status], id)
	if at, err := time.Parse(time.RFC3339, doc.text("modified")); err == nil {
		s.modified = later(s.modified, at)
	}
	switch status {
	case statusCompleted:
		if s.completed == "" {
			s.completed, s.ended = id, doc.text("completed")
		}
	case statusNew, statusProcessing:
		s.open = id
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
