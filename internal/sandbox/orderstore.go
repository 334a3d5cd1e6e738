package sandbox

import (
	"slices"
	"sync"
	"time"
)

// orderStore holds the orders by id, and in the order they were made.
type orderStore struct {
	mu   sync.RWMutex
	byID map[string]*order
	made []*order
}

func newOrderStore() *orderStore {
	return &orderStore{byID: make(map[string]*order)}
}

func (s *orderStore) add(o *order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[o.id] = o
	s.made = append(s.made, o)
}

// find returns an order, or a refusal with status 404.
func (s *orderStore) find(id string) (*order, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o, ok := s.byID[id]
	if !ok {
		return nil, errNoOrder(id)
	}
	return o, nil
}

func (s *orderStore) all() []*order {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.made)
}

// createdWithin returns the orders made from since to until, both included.
func (s *orderStore) createdWithin(since, until time.Time) []*order {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []*order
	for _, o := range s.made {
		if !o.created.Before(since) && !o.created.After(until) {
			found = append(found, o)
		}
	}
	return found
}

// pageOf returns the path of a transaction's page. It looks through all orders, the newest first.
func (s *orderStore) pageOf(transaction string) (path string, found bool) {
	for _, o := range slices.Backward(s.all()) {
		if method, has := o.methodOf(transaction); has {
			return pagePath(o.id) + method + "/" + transaction + "/", true
		}
	}
	return "", false
}

// methodOf returns the payment method of one of the order's transactions.
func (o *order) methodOf(transaction string) (method string, has bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, tx := range o.doc.transactions() {
		if tx.text("id") == transaction {
			return tx.text("payment_method"), true
		}
	}
	return "", false
}
