package chaos

import (
	"maps"
	"net/http"
	"slices"
)

// money: no operation was sent again, and what we say of each is what the gateway has done.
func (c *checker) money() {
	sent := map[string][]Call{}
	for _, call := range c.Calls {
		if call.Key != "" && slices.Contains([]string{"refund", "capture", "void", "create"}, call.Op) {
			sent[call.Key] = append(sent[call.Key], call)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Ledger.Deeds)) {
		d := c.Ledger.Deeds[key]
		c.sentOnce(d, sent[key])
		c.consistent(d)
		c.outcome(d)
	}
}

// sentOnce: a call may follow another only where the gateway refused the first for certain.
func (c *checker) sentOnce(d *Deed, calls []Call) {
	slices.SortFunc(calls, func(a, b Call) int { return a.Began.Compare(b.Began) })
	for i, call := range calls[:max(0, len(calls)-1)] {
		if certainlyRefused(call.Status) {
			continue
		}
		c.find("sent twice", "%s %s: call %d of %d was answered %d, and another followed", d.Kind, d.Key, i+1,
			len(calls), call.Status)
	}
}

// certainlyRefused reports whether an answer says that nothing was done.
func certainlyRefused(status int) bool {
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError &&
		status != http.StatusRequestTimeout
}

// consistent: an answer that says how it ended is never taken back.
func (c *checker) consistent(d *Deed) {
	ended := ""
	for _, a := range d.Answers {
		if a.Status != "done" && a.Status != "refused" {
			if ended != "" && (a.Status == "unknown" || a.Reason == "not_sent") {
				c.find("money", "%s %s was %s, and later answered %+v", d.Kind, d.Key, ended, a)
			}
			continue
		}
		if ended != "" && a.Status != ended {
			c.find("money", "%s %s was %s, and later %s", d.Kind, d.Key, ended, a.Status)
		}
		ended = a.Status
	}
	row, stored := c.Database.Operations[d.Key]
	switch {
	case ended == "done" && (!stored || row.Status != "done"):
		c.find("money", "%s %s was answered as done, and is stored as %q", d.Kind, d.Key, row.Status)
	case ended == "refused" && stored && row.Status != "refused":
		c.find("money", "%s %s was answered as refused, and is stored as %q", d.Kind, d.Key, row.Status)
	}
}

// outcome: what is stored as done was done once, what is refused was not done, and what is unknown left no trace.
func (c *checker) outcome(d *Deed) {
	done := c.effects(d)
	row, stored := c.Database.Operations[d.Key]
	if done > 1 {
		c.find("done twice", "%s %s was done %d times", d.Kind, d.Key, done)
	}
	switch {
	case !stored && done > 0:
		c.find("money", "%s %s was done, and is not stored", d.Kind, d.Key)
	case !stored:
	case row.Status == "done" && done != 1:
		c.find("money", "%s %s is done by our word, and was done %d times", d.Kind, d.Key, done)
	case row.Status == "refused" && done > 0:
		c.find("money", "%s %s is refused by our word, and was done", d.Kind, d.Key)
	case row.Status == "unknown" && done > 0:
		c.find("unresolved", "%s %s is unknown to us, and was done", d.Kind, d.Key)
	case row.Status == "pending":
		c.find("unresolved", "%s %s is still pending", d.Kind, d.Key)
	case d.Kind == "create" && row.OrderID != nil && row.Status == "done" && !c.created(d, *row.OrderID):
		c.find("money", "create %s made another order than %s", d.Key, *row.OrderID)
	}
}

// effects counts how often an operation was done at the gateway. An order of the load is captured or voided by one
// operation at most.
func (c *checker) effects(d *Deed) int {
	n := 0
	switch d.Kind {
	case "refund":
		for _, o := range c.Gateway {
			if o.RefundOfOrderID == d.OrderID && o.Description == d.Key {
				n++
			}
		}
	case "create":
		for id := range c.Gateway {
			if c.created(d, id) {
				n++
			}
		}
	case "capture", "void":
		o := c.Gateway[d.OrderID]
		if o != nil && slices.Contains(o.Flags, "has-"+d.Kind+"s") {
			n++
		}
	}
	return n
}

// created reports whether an order is the one that a create made: its reference is the key, and refunds have others.
func (c *checker) created(d *Deed, id string) bool {
	o := c.Gateway[id]
	return o != nil && o.MerchantOrderID == d.Key && o.RefundOfOrderID == "" && o.ChargebackOfOrderID == ""
}
