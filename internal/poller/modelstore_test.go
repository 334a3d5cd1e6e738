package poller_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const (
	modelLease  = 20 * time.Second
	modelPoll   = time.Minute      // from look to look of an order that is not final
	modelMinAge = 30 * time.Second // of the first miss of an id that is forgotten
	modelMisses = 3
)

var errModelStore = errors.New("the database is away")

// outage is how the database of the model fails.
type outage int

const (
	well   outage = iota
	away          // nothing happens
	unsure        // all happens, and nobody hears of it
	hangs         // nothing happens until the caller gives up
)

// modelStore is what several pollers share: checks, claims and orders, by the rules of package store.
type modelStore struct {
	mu       sync.Mutex
	outage   outage
	checks   map[string]*modelCheck
	tokens   int64
	nextRead time.Time // of the order list
	covered  time.Time
}

// modelCheck is one id that somebody named. A zero due is never.
type modelCheck struct {
	due, checkedAt, missedAt time.Time
	hintedAt                 time.Time
	lease, hints             int64
	misses, failures         int
	known, registered        bool
	refreshed                bool // is here for somebody who wanted to see it
	doc                      *nopayn.Order
}

func (k *modelCheck) isDue() bool { return !k.due.IsZero() && !k.due.After(time.Now()) }

func (k *modelCheck) underWay() bool { return k.lease != 0 && !k.isDue() }

func (k *modelCheck) fresh(maxAge time.Duration) bool {
	return !k.checkedAt.IsZero() && time.Since(k.checkedAt) < maxAge
}

func (k *modelCheck) onlyRefreshed() bool {
	return k.refreshed && !k.known && !k.registered && k.hints == 0
}

func final(o *nopayn.Order) bool {
	return o.Status != nopayn.StatusNew && o.Status != nopayn.StatusProcessing
}

func newModelStore() *modelStore {
	return &modelStore{checks: map[string]*modelCheck{}, nextRead: time.Now(), covered: time.Now()}
}

// fails has the database fail from now on.
func (m *modelStore) fails(how outage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outage = how
}

// do is one statement: f is called with m.mu held.
func (m *modelStore) do(ctx context.Context, f func()) error {
	m.mu.Lock()
	how := m.outage
	switch how {
	case well, unsure:
		f()
	}
	m.mu.Unlock()
	switch how {
	case well:
		return nil
	case hangs:
		<-ctx.Done()
		return fmt.Errorf("%w: %w", errModelStore, ctx.Err())
	}
	return errModelStore
}

func (m *modelStore) check(id string) *modelCheck {
	if m.checks[id] == nil {
		m.checks[id] = &modelCheck{}
	}
	return m.checks[id]
}

// take claims an order. Its token is told by the cause, the one text of a claim that comes back as it was.
func (m *modelStore) take(id string, k *modelCheck) modelClaim {
	m.tokens++
	// A moment more than the holder has, so that at the very end it is clear who comes first.
	k.lease, k.due = m.tokens, time.Now().Add(modelLease+time.Millisecond)
	c := store.Claim{OrderID: id, Known: k.known, Cause: fmt.Sprint(k.lease)}
	return modelClaim{Claim: c, token: k.lease, hints: k.hints, until: time.Now().Add(modelLease)}
}

// modelClaim is a claim with what of it only the store sees.
type modelClaim struct {
	store.Claim
	token, hints int64
	until        time.Time
	asked        time.Time // when its first request left; zero if none did
	requests     int
	partial      bool // its answer lacks the amounts, which must be asked for
	applied      bool
}

func (m *modelStore) claimDue(n int) (all []modelClaim) {
	var ids []string
	for id, k := range m.checks {
		if k.isDue() {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if ka, kb := m.checks[a], m.checks[b]; ka.known != kb.known {
			if ka.known {
				return -1
			}
			return 1
		}
		return m.checks[a].due.Compare(m.checks[b].due)
	})
	for _, id := range ids[:min(n, len(ids))] {
		all = append(all, m.take(id, m.checks[id]))
	}
	return all
}

func (m *modelStore) claimNow(id string, maxAge time.Duration) (c modelClaim, ok bool) {
	k := m.checks[id]
	if k == nil {
		k = m.check(id)
		k.refreshed = true
	}
	if k.underWay() || k.fresh(maxAge) {
		return c, false
	}
	return m.take(id, k), true
}

// hint records a webhook and claims the order if there is room.
func (m *modelStore) hint(id string, room, heard int) (all []modelClaim) {
	k := m.check(id)
	k.hints++
	k.hintedAt = time.Now()
	switch {
	case k.underWay():
	case k.known && room > 0 || heard > 0:
		all = append(all, m.take(id, k))
	default:
		k.lease, k.due = 0, time.Now()
	}
	return all
}

func (m *modelStore) register(id string) {
	k := m.check(id)
	k.known, k.registered = true, true
	if k.doc == nil && !k.underWay() {
		k.due = time.Now()
	}
}

func (m *modelStore) swept(listed []store.Listed, covered time.Time) (found int) {
	for _, l := range listed {
		k := m.check(l.OrderID)
		k.known = true
		if (k.doc == nil || l.Modified.After(k.doc.Modified)) && !k.underWay() {
			k.lease, k.due = 0, time.Now()
			found++
		}
	}
	if covered.After(m.covered) {
		m.covered = covered
	}
	return found
}

// apply is what a look does to an order.
func (m *modelStore) apply(c modelClaim, r store.Result) (out store.Outcome) {
	id := r.Claim.OrderID
	k := m.checks[id]
	held := k != nil && k.lease == c.token
	if k == nil && r.Order == nil {
		return store.Outcome{Verdict: store.Dropped}
	}
	k = m.check(id)
	out.Again = held && k.hints != c.hints
	var due time.Time
	switch {
	case r.Order != nil:
		due = m.answered(k, c, r.Order)
		out.Verdict = store.Changed
	case r.NotFound || r.Failure.Refused && k.doc == nil && !k.registered:
		out.Verdict = store.NotFound
		if due = k.missed(held, out.Again); due.IsZero() && held && k.doc == nil && !k.registered {
			out.Verdict = store.Dropped
			delete(m.checks, id)
			return out
		}
	case held && k.onlyRefreshed():
		out.Verdict = store.Failed
		delete(m.checks, id)
		return out
	default:
		out.Verdict = store.Failed
		if held {
			k.failures++
			due = time.Now().Add(max(time.Duration(min(k.failures, 10))*2*time.Second, r.Failure.RetryAfter))
		}
	}
	switch {
	case held && out.Again:
		k.lease, k.due = 0, time.Now()
	case held:
		k.lease, k.due = 0, due
	case r.Order != nil && k.lease == 0 && k.due.IsZero():
		k.due = due
	}
	return out
}

func (m *modelStore) answered(k *modelCheck, c modelClaim, o *nopayn.Order) (due time.Time) {
	k.misses, k.failures, k.known = 0, 0, true
	if k.doc == nil || !o.Modified.Before(k.doc.Modified) {
		k.doc = o
	}
	if c.asked.After(k.checkedAt) {
		k.checkedAt = c.asked
	}
	if final(k.doc) {
		return time.Time{}
	}
	return time.Now().Add(modelPoll)
}

// missed counts a 404. A zero due gives the order up.
func (k *modelCheck) missed(held, again bool) (due time.Time) {
	if !held {
		return due
	}
	now := time.Now()
	if k.misses == 0 {
		k.missedAt = now
	}
	k.misses++
	old := !now.Before(k.missedAt.Add(modelMinAge))
	switch {
	case k.doc != nil && !final(k.doc):
		return now.Add(modelPoll)
	case k.doc != nil, k.onlyRefreshed(), k.misses >= modelMisses && old && !again:
		return due
	}
	return now.Add(modelMinAge / 2)
}

// session is one replica's way to the store. It is cut when the replica crashes. It knows the claims in the replica's
// hands, and holds the replica to what a holder of a claim must do.
type session struct {
	*modelStore
	fault func(format string, args ...any)

	own    sync.Mutex
	cut    bool
	claims map[string]*modelClaim // the newest of each order
}

func (s *session) crash() {
	s.own.Lock()
	defer s.own.Unlock()
	s.cut = true
}

func (s *session) crashed() bool {
	s.own.Lock()
	defer s.own.Unlock()
	return s.cut
}

func (s *session) do(ctx context.Context, f func()) error {
	if s.crashed() {
		return errModelStore
	}
	return s.modelStore.do(ctx, f)
}

// handed notes claims that the replica has got.
func (s *session) handed(all []modelClaim) []store.Claim {
	s.own.Lock()
	defer s.own.Unlock()
	out := make([]store.Claim, len(all))
	for i, c := range all {
		out[i] = c.Claim
		s.claims[c.OrderID] = &c
	}
	return out
}

// asks notes that a request for an order leaves.
func (s *session) asks(id string) {
	s.own.Lock()
	defer s.own.Unlock()
	c := s.claims[id]
	if c == nil || c.applied {
		s.fault("%s is asked for without a claim", id)
		return
	}
	if time.Now().After(c.until) {
		s.fault("%s is asked for after the lease", id)
	}
	if c.asked.IsZero() {
		c.asked = time.Now()
	}
	c.partial = false
	if c.requests++; c.requests > 2 {
		s.fault("%s is asked for %d times under one claim", id, c.requests)
	}
}

// lacks notes that the answer for an order has to be completed by a second request.
func (s *session) lacks(id string) {
	s.own.Lock()
	defer s.own.Unlock()
	if c := s.claims[id]; c != nil && c.requests == 1 {
		c.partial = true
	}
}

// unkept are the orders that were asked for, and whose answer nobody tried to store. A partial one is rightly dropped
// when the gateway is closed to the second request: the order is due again when the lease is over.
func (s *session) unkept() (ids []string) {
	s.own.Lock()
	defer s.own.Unlock()
	for id, c := range s.claims {
		if c.requests > 0 && !c.applied && !c.partial {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *session) ClaimDue(ctx context.Context, n int) ([]store.Claim, error) {
	var all []modelClaim
	if err := s.do(ctx, func() { all = s.claimDue(n) }); err != nil {
		return nil, err
	}
	return s.handed(all), nil
}

func (s *session) Standing(ctx context.Context, id string, maxAge time.Duration) (at store.Standing, err error) {
	err = s.do(ctx, func() {
		if k := s.checks[id]; k != nil {
			at = store.Standing{CheckedAt: k.checkedAt, Fresh: k.fresh(maxAge), UnderWay: k.underWay()}
		}
	})
	return at, err
}

func (s *session) ClaimNow(ctx context.Context, id string, maxAge time.Duration) (store.Claim, bool, error) {
	var c modelClaim
	var ok bool
	err := s.do(ctx, func() { c, ok = s.claimNow(id, maxAge) })
	if err != nil || !ok {
		return store.Claim{}, false, err
	}
	return s.handed([]modelClaim{c})[0], true, nil
}

func (s *session) Apply(ctx context.Context, r store.Result) (out store.Outcome, err error) {
	s.own.Lock()
	c := s.claims[r.Claim.OrderID]
	if c == nil || c.Cause != r.Claim.Cause {
		s.own.Unlock()
		s.fault("%s has a result of a claim that is no more", r.Claim.OrderID) // this replica has taken it anew
		return out, errModelStore
	}
	if time.Now().After(c.until) {
		s.fault("%s has a result %s after the lease", c.OrderID, time.Since(c.until))
	}
	if c.applied {
		s.fault("%s has two results of one claim", c.OrderID)
	}
	c.applied = true
	s.own.Unlock()
	err = s.do(ctx, func() { out = s.apply(*c, r) })
	return out, err
}

func (s *session) ClaimSweep(
	ctx context.Context, interval, window, _ time.Duration,
) (sweep store.Sweep, ok bool, err error) {
	err = s.do(ctx, func() {
		now := time.Now()
		if ok = !now.Before(s.nextRead); ok {
			s.nextRead = now.Add(interval)
			sweep = store.Sweep{Since: s.covered.Add(-window), Until: now}
		}
	})
	return sweep, ok && err == nil, err
}

func (s *session) Swept(ctx context.Context, listed []store.Listed, covered time.Time) (n int, err error) {
	err = s.do(ctx, func() { n = s.swept(listed, covered) })
	return n, err
}

func (s *session) PruneEvents(context.Context, time.Duration) (int, bool, error) {
	return 0, false, nil
}

func (s *session) PruneOrders(context.Context, time.Duration) (int, bool, error) {
	return 0, false, nil
}

func (s *session) Backlog(ctx context.Context) (store.Backlog, error) {
	return store.Backlog{}, s.do(ctx, func() {})
}
