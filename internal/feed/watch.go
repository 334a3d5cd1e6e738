package feed

// Watch tells when something happens to one order. An event that is committed after Watch was called is told of
// always; one from before may be. So who looks at the order after the call, and again whenever Changed says so, misses
// nothing.
type Watch struct {
	tail    *Tail
	id      string
	changed chan struct{}
}

// Watch begins to watch an order. Close must be called.
func (t *Tail) Watch(id string) (*Watch, error) {
	w := &Watch{tail: t, id: id, changed: make(chan struct{}, 1)}
	t.mu.Lock()
	t.watches[id] = append(t.watches[id], w)
	t.mu.Unlock()
	// Counted in only now: should that start the tail, it will tell us that it starts.
	if err := t.join(); err != nil {
		t.remove(w)
		return nil, err
	}
	return w, nil
}

// Close ends the watch.
func (w *Watch) Close() {
	w.tail.remove(w)
	w.tail.leave()
}

// Changed receives when the order has to be looked at again.
func (w *Watch) Changed() <-chan struct{} { return w.changed }

// Stopped is closed when the service stops, so that nobody should wait any longer.
func (w *Watch) Stopped() <-chan struct{} { return w.tail.draining }

func (w *Watch) wake() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
