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
