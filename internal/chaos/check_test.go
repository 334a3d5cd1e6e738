package chaos_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"webhookd/internal/chaos"
	"webhookd/internal/nopayn"
)

// The orders of the evidence below.
const (
	paid     = "order-paid"
	refunded = "order-refunded"
	refund   = "order-refund" // of the one before
	captured = "order-captured"
	created  = "order-created"
	forged   = "forged-1" // stored
	gone     = "forged-2" // forgotten by rule
)

// TestCheckFindsNothing holds the checks against a round in which all went well.
func TestCheckFindsNothing(t *testing.T) {
	for _, f := range chaos.Check(evidence(t)) {
		t.Error(f)
	}
}

// TestCheckBearsALostAnswer to a registration: nobody knows whether it was taken.
func TestCheckBearsALostAnswer(t *testing.T) {
	for _, clear := range []bool{false, true} {
		e := evidence(t)
		delete(e.Ledger.Registered, paid)
		e.Ledger.Tried = map[string]chaos.Expectation{paid: {MerchantOrderID: "A-1", Amount: 1, Currency: "EUR"}}
		order(paid, func(o *chaos.StoredOrder) { o.Clear = clear })(e)
		for _, f := range chaos.Check(e) {
			if f.Rule == "state" {
				t.Errorf("that it may ship is %t: %v", clear, f)
			}
		}
	}
}

// TestCheckFinds plants a violation of each rule.
func TestCheckFinds(t *testing.T) {
	type plant struct {
		name string
		rule string
		by   func(e *chaos.Evidence)
	}
	for _, c := range []plant{
		{"a finding of the load", "drain", func(e *chaos.Evidence) { e.Ledger.Find("drain", "cut off") }},
		{"an accepted webhook is not stored", "accepted", func(e *chaos.Evidence) { e.Ledger.Accepted["order-x"] = 1 }},
		{"fewer webhooks are stored than were accepted", "accepted", func(e *chaos.Evidence) { e.Ledger.Accepted[paid] = 9 }},
		{"a forged id is forgotten too early", "accepted", func(e *chaos.Evidence) { e.Calls = e.Calls[:len(e.Calls)-1] }},
		{"an id is forgotten because our key was refused", "accepted", func(e *chaos.Evidence) {
			e.Calls[len(e.Calls)-1].Status = 401
		}},
		{"a forged id became an order", "forged", func(e *chaos.Evidence) {
			e.Database.Orders[forged] = chaos.StoredOrder{OrderID: forged, State: "unverified"}
		}},
		{"an order is not known", "lost", func(e *chaos.Evidence) { delete(e.Database.Orders, paid) }},
		{"a registered order is not known", "lost", func(e *chaos.Evidence) {
			e.Ledger.Registered["order-x"] = chaos.Expectation{}
		}},
		{"an order is none of the gateway's", "invented", func(e *chaos.Evidence) { delete(e.Gateway, paid) }},
		{"another state", "state", order(paid, func(o *chaos.StoredOrder) { o.State = "pending" })},
		{"another status", "state", order(paid, func(o *chaos.StoredOrder) { o.Status = new("new") })},
		{"it may not ship, though nobody tried to register it", "state", func(e *chaos.Evidence) {
			delete(e.Ledger.Registered, paid)
			order(paid, func(o *chaos.StoredOrder) { o.Clear = false })(e)
		}},
		{"another amount", "state", order(paid, func(o *chaos.StoredOrder) { o.Amount = new(int64(1)) })},
		{"another currency", "state", order(paid, func(o *chaos.StoredOrder) { o.Currency = new("GBP") })},
		{"another reference", "state", order(paid, func(o *chaos.StoredOrder) { o.MerchantOrderID = new("x") })},
		{"another refunded amount", "state", order(refunded, func(o *chaos.StoredOrder) { o.RefundedAmount = 0 })},
		{"it may not ship, though paid", "state", order(paid, func(o *chaos.StoredOrder) { o.Clear = false })},
		{"it may ship, though refunded", "state", order(refunded, func(o *chaos.StoredOrder) { o.Clear = true })},
		{"it may ship, though the shop expects another amount", "state", func(e *chaos.Evidence) {
			e.Ledger.Registered[paid] = chaos.Expectation{MerchantOrderID: "A-1", Amount: 1, Currency: "EUR"}
		}},
		{"a failed check is not made up for", "arrears", func(e *chaos.Evidence) {
			e.Database.Checks[paid] = chaos.StoredCheck{OrderID: paid, Known: true, Hints: 2, Failures: 3}
		}},

		{"a gap in the feed", "feed", func(e *chaos.Evidence) { e.Database.Events[2].Seq = 9 }},
		{"the head is ahead of the feed", "feed", func(e *chaos.Evidence) { e.Database.Head++ }},
		{"an event is there twice", "change", func(e *chaos.Evidence) { repeat(e, "order.changed") }},
		{"a state is told twice", "change", func(e *chaos.Evidence) { repeat(e, "order.paid") }},
		{"a mismatch is told twice", "change", func(e *chaos.Evidence) {
			repeat(e, "order.mismatch")
			repeat(e, "order.mismatch")
		}},
		{"an event leads away from a state that was not", "change", func(e *chaos.Evidence) {
			e.Database.Events[1].Previous = json.RawMessage(`{"state":"failed"}`)
		}},
		{"an event is named for another state", "change", func(e *chaos.Evidence) {
			e.Database.Events[1].Type = "order.refunded"
		}},
		{"a change of state is called a change of facts", "change", func(e *chaos.Evidence) {
			e.Database.Events[1].Type = "order.changed"
		}},
		{"a type without a meaning", "change", func(e *chaos.Evidence) { e.Database.Events[1].Type = "paid" }},
		{"no event tells of an order", "change", func(e *chaos.Evidence) {
			e.Database.Events = slices.DeleteFunc(e.Database.Events, func(e chaos.StoredEvent) bool {
				return e.OrderID == created
			})
		}},
		{"the last event tells of another state", "change", order(paid, func(o *chaos.StoredOrder) { o.Seq = 1 })},
		{"a consumer missed an event", "consumer", seen(func(s []chaos.Position) []chaos.Position {
			return slices.Delete(s, 1, 2)
		})},
		{"a consumer got an event twice", "consumer", seen(func(s []chaos.Position) []chaos.Position {
			return slices.Insert(s, 1, s[0])
		})},
		{"a consumer got two events in the wrong order", "consumer", seen(func(s []chaos.Position) []chaos.Position {
			s[0], s[1] = s[1], s[0]
			return s
		})},
		{"a consumer got another event than is stored", "consumer", seen(func(s []chaos.Position) []chaos.Position {
			s[0].OrderID = refund
			return s
		})},
		{"a consumer got an event that was rolled back", "consumer", seen(func(s []chaos.Position) []chaos.Position {
			return append(s, chaos.Position{Seq: int64(len(s)) + 1, Type: "order.paid", OrderID: paid})
		})},
		{"a consumer is behind", "behind", seen(func(s []chaos.Position) []chaos.Position { return s[:1] })},
		{"a consumer read another feed", "feed", func(e *chaos.Evidence) { e.Ledger.Readings["poll"].Feed = "other" }},

		{"an operation was sent again after no answer", "sent twice", sentAgain("refund-1", 0)},
		{"an operation was sent again after it was done", "sent twice", sentAgain("refund-1", 201)},
		{"an operation was sent again after a 503", "sent twice", sentAgain("capture-1", 503)},
		{"a create was sent again after no answer", "sent twice", sentAgain("create-1", 0)},
		{"a refund was done twice", "done twice", func(e *chaos.Evidence) {
			again := *e.Gateway[refund]
			e.Gateway["order-again"] = &again
		}},
		{"a create made two orders", "done twice", func(e *chaos.Evidence) { e.Gateway["order-again"] = e.Gateway[created] }},
		{"done by our word, and not done", "money", func(e *chaos.Evidence) { e.Gateway[refund].Description = "another" }},
		{"a capture that never was", "money", func(e *chaos.Evidence) { e.Gateway[captured].Flags = nil }},
		{"refused by our word, and done", "money", operation("refund-1", func(o *chaos.StoredOperation) {
			o.Status = "refused"
		})},
		{"done, and forgotten", "money", func(e *chaos.Evidence) { delete(e.Database.Operations, "refund-1") }},
		{"unknown, and done", "unresolved", operation("refund-1", func(o *chaos.StoredOperation) { o.Status = "unknown" })},
		{"pending for ever", "unresolved", operation("refund-3", func(o *chaos.StoredOperation) { o.Status = "pending" })},
		{"a create whose order is another", "money", operation("create-1", func(o *chaos.StoredOperation) {
			o.OrderID = new(paid)
		})},
		{"answered as done, later as refused", "money", answers("refund-1", "done", "refused")},
		{"answered as done, later as unknown", "money", answers("refund-1", "done", "unknown")},
		{"answered as refused, later as done", "money", answers("refund-1", "refused", "done")},
		{"answered as done, stored as unknown", "money", operation("capture-1", func(o *chaos.StoredOperation) {
			o.Status = "unknown"
		})},

		{"more calls a second than the budget", "budget", func(e *chaos.Evidence) {
			for i := range 50 {
				e.Calls = append(e.Calls, call(2, "get", paid, "", time.Duration(i)*50*time.Millisecond, 200))
			}
		}},
		{"more calls at a time than the budget", "budget", func(e *chaos.Evidence) {
			for i := range 4 {
				c := call(2, "get", paid, "", time.Duration(i)*time.Second, 200)
				c.Ended = c.Began.Add(time.Minute)
				e.Calls = append(e.Calls, c)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := evidence(t)
			c.by(e)
			found := chaos.Check(e)
			if !slices.ContainsFunc(found, func(f chaos.Finding) bool { return f.Rule == c.rule }) {
				t.Errorf("found %v, want one by the rule %q", found, c.rule)
			}
		})
	}
}

// order plants another row of an order.
func order(id string, by func(*chaos.StoredOrder)) func(*chaos.Evidence) {
	return func(e *chaos.Evidence) {
		o := e.Database.Orders[id]
		by(&o)
		e.Database.Orders[id] = o
	}
}

// operation plants another row of an operation.
func operation(key string, by func(*chaos.StoredOperation)) func(*chaos.Evidence) {
	return func(e *chaos.Evidence) {
		o := e.Database.Operations[key]
		by(&o)
		e.Database.Operations[key] = o
	}
}

// seen plants what a consumer got.
func seen(by func([]chaos.Position) []chaos.Position) func(*chaos.Evidence) {
	return func(e *chaos.Evidence) { e.Ledger.Readings["poll"].Seen = by(e.Ledger.Readings["poll"].Seen) }
}

// answers plants the answers to a key.
func answers(key string, statuses ...string) func(*chaos.Evidence) {
	return func(e *chaos.Evidence) {
		e.Ledger.Deeds[key].Answers = nil
		for _, status := range statuses {
			e.Ledger.Deeds[key].Answers = append(e.Ledger.Deeds[key].Answers, chaos.Answer{Status: status})
		}
	}
}

// sentAgain plants a second call of an operation, after one with this status.
func sentAgain(key string, status int) func(*chaos.Evidence) {
	return func(e *chaos.Evidence) {
		i := slices.IndexFunc(e.Calls, func(c chaos.Call) bool { return c.Key == key })
		e.Calls[i].Status = status
		second := e.Calls[i]
		second.Began = second.Began.Add(time.Second)
		e.Calls = append(e.Calls, second)
	}
}

// repeat plants the last event once more, as one of a type.
func repeat(e *chaos.Evidence, eventType string) {
	last := e.Database.Events[len(e.Database.Events)-1]
	last.Seq++
	last.Type, last.Previous = eventType, last.Snapshot
	e.Database.Events = append(e.Database.Events, last)
	e.Database.Head++
	order(last.OrderID, func(o *chaos.StoredOrder) { o.Seq = last.Seq })(e)
}

func call(process int, op, id, key string, at time.Duration, status int) chaos.Call {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(at)
	return chaos.Call{
		Process: process, Op: op, OrderID: id, Key: key, Status: status, Began: began,
		Ended: began.Add(10 * time.Millisecond),
	}
}

// evidence is that of a round in which all went well: five orders, three operations that were done, one that was
// refused, one whose outcome nobody knows, and two forged ids.
func evidence(t *testing.T) *chaos.Evidence {
	t.Helper()
	lost := chaos.Answer{Code: 202, Status: "unknown"}
	e := &chaos.Evidence{
		Ledger: &chaos.Ledger{
			Accepted: map[string]int{paid: 2, forged: 1, gone: 1}, Forged: map[string]bool{forged: true, gone: true},
			Registered: map[string]chaos.Expectation{paid: {MerchantOrderID: "A-1", Amount: 1000, Currency: "EUR"}},
			Deeds: map[string]*chaos.Deed{
				"refund-1":  deed("refund", refunded, chaos.Answer{}, lost, chaos.Answer{Code: 200, Status: "done"}),
				"refund-2":  deed("refund", refunded),
				"refund-3":  deed("refund", paid, chaos.Answer{Code: 422, Status: "refused"}),
				"refund-4":  deed("refund", paid, lost),
				"capture-1": deed("capture", captured, chaos.Answer{Code: 201, Status: "done"}),
				"create-1":  deed("create", created, chaos.Answer{Code: 201, Status: "done", Order: created}),
			},
		},
		Gateway: map[string]*nopayn.Order{
			paid: document(t, paid, `"merchant_order_id":"A-1"`),
			refunded: document(t, refunded, `"merchant_order_id":"A-2","flags":["has-refunds"],"refunded_amount":400,
				"refund_orders":["order-refund"]`),
			refund: document(t, refund, `"description":"refund-1","refund_of_order_id":"order-refunded"`),
			captured: document(t, captured, `"flags":["has-captures"],"capture_mode":"manual",
				"amount_details":{"captured":1000,"capturable":0,"refundable":1000,"refunded":0,"voided":0}`),
			created: document(t, created, `"merchant_order_id":"create-1"`),
		},
		Database: chaos.Stored{
			Feed: "f", Orders: map[string]chaos.StoredOrder{},
			Checks: map[string]chaos.StoredCheck{
				paid:   {OrderID: paid, Known: true, Hints: 2},
				forged: {OrderID: forged, Hints: 1},
			},
			Operations: map[string]chaos.StoredOperation{
				"refund-1":  {Key: "refund-1", Kind: "refund", OrderID: new(refunded), Status: "done", RefundID: new(refund)},
				"refund-3":  {Key: "refund-3", Kind: "refund", OrderID: new(paid), Status: "refused"},
				"refund-4":  {Key: "refund-4", Kind: "refund", OrderID: new(paid), Status: "unknown"},
				"capture-1": {Key: "capture-1", Kind: "capture", OrderID: new(captured), Status: "done"},
				"create-1":  {Key: "create-1", Kind: "create", OrderID: new(created), Status: "done"},
			},
		},
		Calls: []chaos.Call{
			call(1, "create", "", "create-1", 0, 201),
			call(1, "refund", refunded, "refund-1", time.Second, 503),
			call(1, "capture", captured, "capture-1", 2*time.Second, 401),
			call(1, "capture", captured, "capture-1", 3*time.Second, 200),
			call(1, "get", gone, "", 4*time.Second, 404),
			call(1, "get", gone, "", 5*time.Second, 403),
			call(1, "get", gone, "", 6*time.Second, 404),
		},
		Budget: chaos.Budget{RPS: 10, Concurrency: 3},
	}
	for key, d := range e.Ledger.Deeds {
		d.Key = key
	}
	tell(e, paid, "pending", 0)
	tell(e, paid, "paid", 0)
	tell(e, refunded, "partially_refunded", 400)
	tell(e, refund, "reversal", 0)
	tell(e, captured, "paid", 0)
	tell(e, created, "paid", 0)
	book := &chaos.Reading{Name: "poll", Feed: "f"}
	for _, ev := range e.Database.Events {
		book.Seen = append(book.Seen, chaos.Position{Seq: ev.Seq, Type: ev.Type, OrderID: ev.OrderID})
	}
	e.Ledger.Readings = map[string]*chaos.Reading{"poll": book}
	return e
}

func deed(kind, id string, answers ...chaos.Answer) *chaos.Deed {
	return &chaos.Deed{Kind: kind, OrderID: id, Answers: answers}
}

// tell takes an order to a state, with the event that says so.
func tell(e *chaos.Evidence, id, state string, refundedAmount int64) {
	g := e.Gateway[id]
	previous := json.RawMessage("null")
	if before, known := e.Database.Orders[id]; known {
		previous = fmt.Appendf(nil, `{"state":%q}`, before.State)
	}
	e.Database.Head++
	e.Database.Orders[id] = chaos.StoredOrder{
		OrderID: id, State: state, Status: (*string)(&g.Status), MerchantOrderID: &g.MerchantOrderID, Amount: &g.Amount,
		Currency: &g.Currency, RefundedAmount: refundedAmount, Clear: state == "paid", Seq: e.Database.Head,
	}
	e.Database.Events = append(e.Database.Events, chaos.StoredEvent{
		Seq: e.Database.Head, Type: "order." + state, OrderID: id, Previous: previous,
		Snapshot: fmt.Appendf(nil, `{"state":%q,"fulfillable":%t,"amount":%d,"refunded_amount":%d}`,
			state, state == "paid", g.Amount, refundedAmount),
	})
}

// document is a completed order with further members.
func document(t *testing.T, id, more string) *nopayn.Order {
	t.Helper()
	o, err := nopayn.ParseOrder(fmt.Appendf(nil, `{"id":%q,"status":"completed","amount":1000,"currency":"EUR",
		"transactions":[{"id":"t","status":"completed","credit_debit":"credit","amount":1000}],%s}`, id, more))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
