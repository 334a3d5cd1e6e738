package demoshop

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// placedOrder is what the shop itself knows of an order: what it asked for, never what became of it.
type placedOrder struct {
	Ref       string // the shop's own reference, sent as merchant_order_id
	GatewayID string
	PayURL    string // the hosted payment page
	Amount    int64  // minor units
	Currency  currency
	Placed    time.Time
}

// newRef returns a reference that no other order has and that cannot be guessed, since whoever knows it sees the order.
func newRef() string { return "DEMO-" + rand.Text()[:12] }

// bookSize bounds how many orders the shop remembers; the oldest go first.
const bookSize = 1000

// book holds the shop's orders. The zero value is empty and ready.
type book struct {
	mu     sync.Mutex
	orders []placedOrder // oldest first
}

func (b *book) add(o placedOrder) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.orders) == bookSize {
		b.orders = slices.Delete(b.orders, 0, 1)
	}
	b.orders = append(b.orders, o)
}

func (b *book) find(ref string) (o placedOrder, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if o.Ref == ref {
			return o, true
		}
	}
	return placedOrder{}, false
}

// newest returns at most n orders, newest first.
func (b *book) newest(n int) []placedOrder {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []placedOrder
	for i := len(b.orders) - 1; i >= 0 && len(list) < n; i-- {
		list = append(list, b.orders[i])
	}
	return list
}
