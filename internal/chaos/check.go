package chaos

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// Check returns what of the promises was broken. It is to be asked when all faults are over; while the service is
// still catching up it tells of what is missing, see [CatchingUp].
func Check(e *Evidence) []Finding {
	c := &checker{Evidence: e, findings: slices.Clone(e.Ledger.Findings)}
	c.accepted()
	c.orders()
	c.arrears()
	c.feed()
	c.changes()
	c.consumers()
	c.money()
	c.budget()
	return c.findings
}

// CatchingUp reports whether a finding may only tell of work that is still to be done. If it stays it is a true one.
func CatchingUp(f Finding) bool {
	return slices.Contains([]string{"lost", "state", "arrears", "behind", "unresolved"}, f.Rule)
}

// checker collects findings.
type checker struct {
	*Evidence
	findings []Finding
}

func (c *checker) find(rule, format string, args ...any) {
	c.findings = append(c.findings, Finding{rule, fmt.Sprintf(format, args...)})
}

// missesToForget is how many refusals in a row, as a rule 404, let the service forget an id that only webhooks named.
const missesToForget = 3

// refusesOne reports whether an answer to a read says that the gateway will not have this one id, and not that it is in
// trouble or will not have us.
func refusesOne(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return certainlyRefused(status)
}

// accepted: a webhook that was answered 200 is stored. One about an order that does not exist may be forgotten, once
// the gateway has said so often enough.
func (c *checker) accepted() {
	misses := map[string]int{}
	for _, call := range c.Calls {
		if call.Op == "get" && refusesOne(call.Status) {
			misses[call.OrderID]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Ledger.Accepted)) {
		check, stored := c.Database.Checks[id]
		forgettable := misses[id] >= missesToForget
		switch {
		case !stored && (!c.Ledger.Forged[id] || !forgettable):
			c.find("accepted", "a webhook for %s was answered 200, and nothing is stored; the gateway refused "+
				"it %d times", id, misses[id])
		case stored && !forgettable && check.Hints < int64(c.Ledger.Accepted[id]):
			c.find("accepted", "%d webhooks for %s were answered 200, and %d are stored",
				c.Ledger.Accepted[id], id, check.Hints)
		}
		if _, order := c.Database.Orders[id]; order && c.Ledger.Forged[id] {
			c.find("forged", "%s, of which only forged webhooks tell, became an order", id)
		}
	}
}

// orders: every order that the gateway has is known, however we heard of it, and stands as the gateway says.
func (c *checker) orders() {
	for _, id := range slices.Sorted(maps.Keys(c.Gateway)) {
		stored, ok := c.Database.Orders[id]
		if !ok {
			c.find("lost", "order %s of the gateway is not known", id)
			continue
		}
		c.order(id, stored, c.Gateway[id])
	}
	for _, id := range slices.Sorted(maps.Keys(c.Database.Orders)) {
		if _, ok := c.Gateway[id]; !ok {
			c.find("invented", "order %s is none of the gateway's", id)
		}
	}
}

func (c *checker) order(id string, stored StoredOrder, o *nopayn.Order) {
	a := payment.Assess(o)
	want := StoredOrder{
		OrderID: id, State: string(a.State), Status: (*string)(&o.Status), MerchantOrderID: &o.MerchantOrderID,
		Amount: &o.Amount, Currency: &o.Currency, RefundedAmount: a.RefundedAmount,
	}
	for _, f := range []struct{ name, got, want string }{
		{"state", stored.State, want.State},
		{"status", text(stored.Status), text(want.Status)},
		{"merchant_order_id", text(stored.MerchantOrderID), text(want.MerchantOrderID)},
		{"amount", text(stored.Amount), text(want.Amount)},
		{"currency", text(stored.Currency), text(want.Currency)},
		{"refunded_amount", fmt.Sprint(stored.RefundedAmount), fmt.Sprint(want.RefundedAmount)},
	} {
		if f.got != f.want {
			c.find("state", "order %s: %s is %q, and %q at the gateway", id, f.name, f.got, f.want)
		}
	}
	agrees, orElse := c.agrees(id, Expectation{o.MerchantOrderID, o.Amount, o.Currency})
	paid := a.State == payment.Paid && !a.Voided && !stored.PaidTwice
	if clear := paid && agrees; stored.Clear != clear && stored.Clear != (paid && orElse) {
		c.find("state", "order %s: that it may ship is %t, and should be %t", id, stored.Clear, clear)
	}
}

// agrees reports whether the gateway has what the shop expects, by the registrations that were answered, and by those
// too whose answer never came.
func (c *checker) agrees(id string, has Expectation) (agrees, orElse bool) {
	e, registered := c.expected(id)
	tried, sent := c.Ledger.Tried[id]
	agrees = !registered || e == has
	return agrees, agrees && (registered || !sent || tried == has)
}

// expected is what the shop said of an order, by registering or by creating it.
func (c *checker) expected(id string) (Expectation, bool) {
	e, ok := c.Ledger.Registered[id]
	return e, ok
}

// text shows what may be absent; an empty text and none are the same to the gateway.
func text[T any](p *T) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(*p)
}

// arrears: nothing known is left undone. Ids that only webhooks named are asked for as the budget allows.
func (c *checker) arrears() {
	for _, id := range slices.Sorted(maps.Keys(c.Database.Checks)) {
		check := c.Database.Checks[id]
		if check.Known && check.Failures > 0 {
			c.find("arrears", "the check of %s has failed %d times and is not made up for: %s",
				id, check.Failures, text(check.LastError))
		}
	}
	for id := range c.Ledger.Registered {
		if _, ok := c.Database.Orders[id]; !ok {
			c.find("lost", "order %s was registered and is not known", id)
		}
	}
}
