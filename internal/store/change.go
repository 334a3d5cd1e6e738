package store

// change is what one Result does to one order.
type change struct {
	result  Result
	found   bool      // there is a check; it may have been forgotten since the claim
	held    bool      // our lease still stands, so the schedule is ours to write
	check   check     // as locked, then as it is to be
	cur     *orderRow // nil if there is no order
	next    *orderRow // nil if the order stays as it is
	drop    bool      // forget the check
	events  []EventType
	outcome Outcome
}

// lockedCheck takes in the check, now that nobody else can change it.
func (c *change) lockedCheck(k check) {
	c.found, c.check = true, k
	c.held = k.Lease != nil && *k.Lease == c.result.Claim.lease
}

// note adds an event that leads to next.
func (c *change) note(t EventType, next *orderRow) {
	c.events = append(c.events, t)
	c.next = next
}
