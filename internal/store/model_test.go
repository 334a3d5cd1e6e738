package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// TestModel runs random histories on two stores and compares what they do, step by step, with a simple model in memory.
// A longer run: make model.
func TestModel(t *testing.T) {
	t.Parallel()
	for stream := range modelStreams(t) {
		t.Run(fmt.Sprint(stream), func(t *testing.T) {
			t.Parallel()
			checkModel(t)
		})
	}
}

// checkModel runs its histories on a database of their own.
func checkModel(t *testing.T) {
	url, rules := pg.New(t), defaultRules()
	rules.Lease = time.Hour // which ends when the model says so, and not while a slow machine takes its steps
	a, b := newBenchWith(t, url, rules), newBenchWith(t, url, rules)
	stores := []*bench{a, b}
	histories := 0
	rapid.Check(t, func(r *rapid.T) {
		// Where there is little, this is quicker than to truncate. What is deleted stays in the way until a vacuum.
		if histories++; histories%200 == 0 {
			a.exec(t, `vacuum checks, orders, events, feed`)
		}
		a.exec(t, `delete from checks`)
		a.exec(t, `delete from orders`)
		a.exec(t, `delete from events`)
		a.exec(t, `update feed set head = 0`)
		m := &model{t: t, stores: stores, orders: make(map[string]*modelOrder)}
		steps := map[string]func(*rapid.T){
			"hint":       m.hint,
			"claim":      m.claim,
			"answer":     m.answer,
			"answer too": m.answer, // the most frequent of all
			"miss":       m.miss,
			"fail":       m.fail,
			"again":      m.applyAgain,
			"crash":      m.crash,
			"register":   m.register,
			"sweep":      m.sweep,
			"time":       m.timePasses,
			"":           m.check,
		}
		for name, step := range steps {
			steps[name] = func(r *rapid.T) {
				m.r = r
				step(r)
			}
		}
		r.Repeat(steps)
	})
}

// model is what is to be known of some orders.
type model struct {
	t      testing.TB
	r      *rapid.T // of the step under way
	stores []*bench
	orders map[string]*modelOrder // those that somebody heard of, and that were not dropped
	claims []*modelClaim          // whose holders have not come back
	done   []store.Result         // applied before
	docs   int
	feed   []store.EventType
}

type modelOrder struct {
	registered bool
	hints      int64
	wanted     bool        // a hint came that no look has begun after
	holder     *modelClaim // of the lease, which may be over
	over       bool        // the lease is
	misses     int
	missAged   bool // the first of them is longer ago than it takes

	state    payment.State // empty if there is no order
	verified bool
	doc      int // number of the document that is stored
	status   string
	version  payment.Version
}

// underWay reports whether somebody is known to look at the order.
func (o *modelOrder) underWay() bool { return o.holder != nil && !o.over }

type modelClaim struct {
	store.Claim
	hints int64
}

func (m *model) anyStore(r *rapid.T) *bench { return m.stores[rapid.IntRange(0, 1).Draw(r, "store")] }

func (m *model) anyID(r *rapid.T) string {
	return fmt.Sprintf("order-%d", rapid.IntRange(1, 3).Draw(r, "order"))
}

// order is that of the id; it comes to be when somebody hears of it.
func (m *model) order(id string) *modelOrder {
	if m.orders[id] == nil {
		m.orders[id] = &modelOrder{}
	}
	return m.orders[id]
}

func (m *model) hint(r *rapid.T) {
	id := m.anyID(r)
	w := &worker{room: rapid.IntRange(0, 1).Draw(r, "room")}
	w.heard = w.room
	if err := m.anyStore(r).NewIntake(w).Hint(m.t.Context(), id); err != nil {
		m.t.Fatal(err)
	}
	o := m.order(id)
	o.hints++
	o.wanted = true
	if !o.underWay() {
		o.holder = nil
	}
	m.claimed(w.commits[0].claims)
	if claimed := len(w.commits[0].claims) == 1; claimed == (w.room == 0 || o.wanted) {
		m.r.Fatalf("a hint for %s with room for %d was claimed: %t", id, w.room, claimed)
	}
}

func (m *model) claim(r *rapid.T) {
	n := rapid.IntRange(1, 3).Draw(r, "n")
	claims, err := m.anyStore(r).ClaimDue(m.t.Context(), n)
	if err != nil {
		m.t.Fatal(err)
	}
	m.claimed(claims)
	if len(claims) < n {
		for id, o := range m.orders {
			if o.wanted && !o.underWay() {
				m.r.Fatalf("%s was named by a webhook, is not looked at, and was not handed out", id)
			}
		}
	}
}

func (m *model) claimed(claims []store.Claim) {
	for _, c := range claims {
		o := m.orders[c.OrderID]
		if o == nil || o.underWay() {
			m.r.Fatalf("claimed %s, of which the model holds %+v", c.OrderID, o)
		}
		o.holder, o.over, o.wanted = &modelClaim{c, o.hints}, false, false
		m.claims = append(m.claims, o.holder)
	}
}

// take gives one of the claims whose holders have not come back.
func (m *model) take(r *rapid.T) *modelClaim {
	if len(m.claims) == 0 {
		r.Skip("no claims")
	}
	i := rapid.IntRange(0, len(m.claims)-1).Draw(r, "claim")
	c := m.claims[i]
	m.claims = slices.Delete(m.claims, i, i+1)
	return c
}

// statuses are those of the documents, with the states that they make.
var statuses = []struct {
	status string
	state  payment.State
}{
	{"new", payment.Pending},
	{"processing", payment.Pending},
	{"completed", payment.Paid},
	{"cancelled", payment.Cancelled},
	{"error", payment.Failed},
	{"odd", payment.Unknown},
}

func (m *model) answer(r *rapid.T) {
	c := m.take(r)
	status := rapid.SampledFrom(statuses).Draw(r, "status").status
	now := time.Now()
	at := now.Add(time.Duration(rapid.IntRange(-3, 0).Draw(r, "modified")) * time.Hour).Truncate(time.Hour)
	asked := c.At(now).Add(time.Duration(rapid.IntRange(-2, 2).Draw(r, "asked")) * 10 * time.Minute)
	m.docs++
	doc := paid(m.t, c.OrderID,
		with("status", status), modified(at), created(now), with("description", fmt.Sprint(m.docs)))
	m.apply(r, store.Result{Claim: c.Claim, Asked: asked, Order: doc}, c)
}

func (m *model) miss(r *rapid.T) {
	c := m.take(r)
	m.apply(r, store.Result{Claim: c.Claim, NotFound: true}, c)
}

func (m *model) fail(r *rapid.T) {
	c := m.take(r)
	m.apply(r, store.Result{Claim: c.Claim, Failure: &store.Failure{Code: "gateway_error"}}, c)
}

// applyAgain applies a result a second time, as a caller may whose first attempt was cut off.
func (m *model) applyAgain(r *rapid.T) {
	if len(m.done) == 0 {
		r.Skip("nothing applied")
	}
	m.apply(r, m.done[rapid.IntRange(0, len(m.done)-1).Draw(r, "result")], nil)
}

// apply applies a result in the database and in the model. c is nil if it was applied before.
func (m *model) apply(r *rapid.T, result store.Result, c *modelClaim) {
	id := result.Claim.OrderID
	o := m.orders[id]
	held := o != nil && c != nil && o.holder == c
	if o == nil && result.Order != nil { // dropped, and comes to be after all
		o = m.order(id)
		held = true
		if c != nil {
			o.hints = c.hints
		} else {
			o.hints = -1 // whatever the first claim had
		}
	}
	b := m.anyStore(r)
	before := m.row(b, id)
	got := b.apply(m.t, result)
	m.done = append(m.done, result)

	want := store.Outcome{}
	if o != nil {
		want = o.apply(result, held, c)
	}
	if got.Verdict != want.Verdict && o != nil || !slices.Equal(got.Events, want.Events) || got.Again != want.Again {
		m.r.Fatalf("%s: %s with events %q and again %t, want %s with %q and %t",
			id, got.Verdict, got.Events, got.Again, want.Verdict, want.Events, want.Again)
	}
	m.feed = append(m.feed, want.Events...)
	after := m.row(b, id)
	reopened := before.Settled && !after.Settled
	if !held && !reopened && (before.due() != after.due() || before.Failures != after.Failures) {
		m.r.Fatalf("%s: a late holder changed the schedule from %+v to %+v", id, before, after)
	}
	if want.Verdict == store.Dropped {
		delete(m.orders, id)
	}
}

// apply is what a look does to an order, by the rules.
func (o *modelOrder) apply(result store.Result, held bool, c *modelClaim) (out store.Outcome) {
	if held {
		o.holder = nil
		out.Again = c != nil && o.hints != c.hints
		o.wanted = o.wanted || out.Again
	}
	switch {
	case result.Order != nil:
		out.Verdict, out.Events = o.answered(result)
		if held {
			o.misses, o.missAged = 0, false
		}
	case result.NotFound:
		out.Verdict = store.NotFound
		if !held {
			return out
		}
		o.misses++
		if gone := o.misses >= 3 && o.missAged && !out.Again; !gone || o.verified || o.state == payment.NotFound {
			return out
		}
		if o.state == "" {
			out.Verdict = store.Dropped
			return out
		}
		o.state, out.Events = payment.NotFound, []store.EventType{"order.not_found"}
	default:
		out.Verdict = store.Failed
	}
	return out
}

func (o *modelOrder) answered(result store.Result) (store.Verdict, []store.EventType) {
	version := payment.Version{Modified: result.Order.Modified, Asked: result.Asked.Truncate(time.Microsecond)}
	if o.verified {
		// The answer's own moment is compared as exactly as it is known, and the stored one as exactly as it is kept.
		switch (payment.Version{Modified: version.Modified, Asked: result.Asked}).Compare(o.version) {
		case payment.Older:
			return store.Older, nil
		case payment.Stale:
			return store.Stale, nil
		}
	}
	was := *o
	o.verified, o.version, o.status = true, version, string(result.Order.Status)
	_, err := fmt.Sscan(result.Order.Description, &o.doc)
	for _, s := range statuses {
		if err == nil && s.status == o.status {
			o.state = s.state
		}
	}
	var events []store.EventType
	switch {
	case was.state != o.state:
		events = append(events, "order."+store.EventType(o.state))
	case was.doc != o.doc:
		events = append(events, store.EventChanged)
	}
	if was.verified && was.state.WentBack(o.state) {
		events = append(events, store.EventAnomaly)
	}
	if events == nil {
		return store.Unchanged, nil
	}
	return store.Changed, events
}

// crash ends the leases of an order: its holder died, or is slow.
func (m *model) crash(r *rapid.T) {
	id := m.anyID(r)
	m.stores[0].exec(m.t, `update checks set due_at = now() where lease is not null and order_id = $1`, id)
	if o := m.orders[id]; o != nil {
		o.over = true
	}
}

func (m *model) register(r *rapid.T) {
	id := m.anyID(r)
	reg := m.anyStore(r).register(m.t, id, store.Expected{})
	o := m.order(id)
	if reg.Created != (o.state == "") {
		m.r.Fatalf("Register(%s) says created %t of %+v", id, reg.Created, o)
	}
	o.registered = true
	if o.state == "" {
		o.state = payment.Unverified
	}
}

func (m *model) sweep(r *rapid.T) {
	id := m.anyID(r)
	listed := []store.Listed{{OrderID: id, Modified: time.Now()}}
	if _, err := m.anyStore(r).Swept(m.t.Context(), listed, time.Time{}); err != nil {
		m.t.Fatal(err)
	}
	o := m.order(id)
	if !o.underWay() {
		o.holder, o.wanted = nil, true
	}
}

// timePasses has everything come due that is scheduled, and misses grow old.
func (m *model) timePasses(*rapid.T) {
	m.stores[0].exec(m.t, `update checks set due_at = now() where lease is null and due_at is not null`)
	m.stores[0].exec(m.t, `update checks set missed_at = missed_at - interval '1 hour'`)
	for _, o := range m.orders {
		o.missAged = o.misses > 0
	}
}

// modelRow is what the database holds of an order.
type modelRow struct {
	OrderID     string
	DueAt       *time.Time
	Lease       *int64
	Failures    int
	Due         bool
	State       *string
	Settled     bool
	Description *string
}

func (r modelRow) due() string {
	if r.DueAt == nil {
		return "never"
	}
	return r.DueAt.String()
}

const selectModelRow = `
	select c.order_id, c.due_at, c.lease, c.failures, coalesce(c.due_at <= now(), false) as due,
		o.state, coalesce(o.settled, false) as settled, o.doc->>'description' as description
	from checks c left join orders o using (order_id) `

func (m *model) row(b *bench, id string) modelRow {
	rows, _ := b.pool.Query(m.t.Context(), selectModelRow+`where order_id = $1`, id)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[modelRow])
	if err != nil {
		m.t.Fatal(err)
	}
	if len(found) == 0 {
		return modelRow{}
	}
	return found[0]
}

// check compares the database with the model, after each step.
func (m *model) check(*rapid.T) {
	rows, _ := m.stores[0].pool.Query(m.t.Context(), selectModelRow)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[modelRow])
	if err != nil {
		m.t.Fatal(err)
	}
	if len(found) != len(m.orders) {
		m.r.Fatalf("%d checks, and the model has %d orders", len(found), len(m.orders))
	}
	for _, row := range found {
		o := m.orders[row.OrderID]
		switch {
		case o == nil:
			m.r.Fatalf("%s is dropped in the model alone", row.OrderID)
		case row.DueAt == nil && !row.Settled:
			m.r.Fatalf("%s is forgotten: neither settled nor due, ever: %+v", row.OrderID, row)
		case o.wanted && !row.Due && !o.underWay():
			m.r.Fatalf("%s was named by a webhook and is not due: %+v", row.OrderID, row)
		case o.underWay() && (row.Lease == nil || row.Due):
			m.r.Fatalf("%s is looked at, and its lease is gone: %+v", row.OrderID, row)
		case (row.State == nil) != (o.state == "") || row.State != nil && *row.State != string(o.state):
			m.r.Fatalf("%s is %v, want %q", row.OrderID, row.State, o.state)
		case o.verified && (row.Description == nil || *row.Description != fmt.Sprint(o.doc)):
			m.r.Fatalf("%s: document %v is stored, want %d", row.OrderID, row.Description, o.doc)
		}
	}
	if got, want := types(m.stores[1].feed(m.t)), joined(m.feed); got != want {
		m.r.Fatalf("the feed is\n%q, want\n%q", got, want)
	}
}

func joined(events []store.EventType) string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = string(e)
	}
	return strings.Join(all, " ")
}
