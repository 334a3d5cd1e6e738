package operation

import (
	"testing"
	"time"

	"webhookd/internal/store"
)

// TestLooksThin out with time. A create's order may be brought by a sweep or a webhook, so it is looked for more often.
func TestLooksThin(t *testing.T) {
	for _, c := range []struct {
		kind   store.OperationKind
		since  time.Duration
		looks  int
		again  time.Duration
		closed bool
	}{
		{store.KindRefund, time.Minute, 1, 2 * firstLook, false},
		{store.KindRefund, time.Hour, 7, slowest, false},
		{store.KindRefund, 20 * time.Minute, 8, 24 * time.Hour, true},
		{store.KindCreate, 20 * time.Minute, 8, 15 * time.Minute, true},
		{store.KindCreate, 25 * time.Hour, 100, 24 * time.Hour, true},
		{store.KindCreate, 31 * 24 * time.Hour, 130, 0, true},
	} {
		sent := time.Now()
		e := untraced(&store.Ticket{Kind: c.kind, SentAt: sent, Now: sent.Add(c.since), Looks: c.looks})
		if e.LookAgain != c.again || e.Closed != c.closed {
			t.Errorf("%s after %s and %d looks: again in %s, closed %t; want %s, %t",
				c.kind, c.since, c.looks, e.LookAgain, e.Closed, c.again, c.closed)
		}
	}
}
