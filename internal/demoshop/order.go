package demoshop

import (
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"
)

// placedOrder is what the shop itself knows of an order: what it asked for, never what became of it.
type placedOrder struct {
	Key       string // last element of the address of its page
	Ref       string // the shop's own reference, sent as merchant_order_id; two orders of one purchase have the same
	GatewayID string // empty until the gateway's answer has been read
	PayURL    string // the hosted payment page
	Amount    int64  // minor units
	Currency  currency
	Locale    string // of the payment page
	Plan      capturePlan
	Placed    time.Time
	Signature string // of amount, currency and gateway order; see nopayn.GenerateSignature
	Moves     []move // oldest first

	lost time.Time    // when the answer to the order was last found to be lost; zero if it never was
	made createdOrder // the gateway's order, be it registered or not; the zero value if there is none yet
}

// open reports whether the order was created. One that was not is a mere intent, whose outcome may be unknown.
func (o placedOrder) open() bool { return o.GatewayID != "" }

// sameWish reports whether both orders ask for the same.
func (o placedOrder) sameWish(other placedOrder) bool {
	return o.Amount == other.Amount && o.Currency == other.Currency && o.Locale == other.Locale && o.Plan == other.Plan
}

// second is another order for the same purchase. Each purchase has at most one.
func (o placedOrder) second() placedOrder {
	return placedOrder{
		Key: o.Ref + "-2", Ref: o.Ref, Amount: o.Amount, Currency: o.Currency, Locale: o.Locale, Plan: o.Plan,
		Placed: time.Now(),
	}
}

// isSecond reports whether it is another order for a purchase.
func (o placedOrder) isSecond() bool { return o.Key != o.Ref }

// newRef returns a reference that no other order has and that cannot be guessed, since whoever knows it sees the order.
func newRef() string { return "DEMO-" + rand.Text()[:12] }

var refPattern = regexp.MustCompile(`^DEMO-[A-Z2-7]{12}$`)

// bookSize bounds how many orders the shop remembers; the oldest go first.
const bookSize = 1000

// book holds the shop's orders. The zero value is empty and ready.
type book struct {
	mu     sync.Mutex
	orders []placedOrder // oldest first
}

// put writes an order down, in the place of the one with its key if there is one.
func (b *book) put(o placedOrder) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.index(o.Key); i >= 0 {
		b.orders[i] = o
		return
	}
	if len(b.orders) == bookSize {
		b.orders = slices.Delete(b.orders, 0, 1)
	}
	b.orders = append(b.orders, o)
}

// strike takes an order out.
func (b *book) strike(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.index(key); i >= 0 {
		b.orders = slices.Delete(b.orders, i, i+1)
	}
}

// find returns the order with this key, be it open or an intent.
func (b *book) find(key string) (o placedOrder, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.index(key); i >= 0 {
		return b.orders[i], true
	}
	return placedOrder{}, false
}

// errNotOurs says that this is the gateway's id of none of the orders.
var errNotOurs = errors.New("this shop has no such order")

// ofGateway returns the order that has this id at the gateway.
func (b *book) ofGateway(id string) (o placedOrder, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.orders, func(o placedOrder) bool { return o.open() && o.GatewayID == id })
	if i < 0 {
		return placedOrder{}, false
	}
	return b.orders[i], true
}

// ofPurchase returns the gateway's ids of all orders with this reference.
func (b *book) ofPurchase(ref string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for _, o := range b.orders {
		if o.Ref == ref && o.open() {
			ids = append(ids, o.GatewayID)
		}
	}
	return ids
}

// newest returns at most n open orders, newest first.
func (b *book) newest(n int) []placedOrder {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []placedOrder
	for _, o := range slices.Backward(b.orders) {
		if o.open() && len(list) < n {
			list = append(list, o)
		}
	}
	return list
}

// index is where the order with this key is; negative if it is not. The caller holds the lock.
func (b *book) index(key string) int {
	return slices.IndexFunc(b.orders, func(o placedOrder) bool { return o.Key == key })
}
