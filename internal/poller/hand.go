package poller

import (
	"sync"

	"webhookd/internal/gateway"
)

// hand counts the looks in hand and bounds them. A place is taken before its order is claimed. Until its look comes to
// the gateway it is promised: the gateway's room does not show it yet, and must not be given away twice.
type hand struct {
	limit   int
	closing chan struct{} // closed by close
	empty   chan struct{} // closed when closing and nothing is held

	mu       sync.Mutex
	held     int
	promised int // of those held
	closed   bool
}

func newHand(limit int) *hand {
	return &hand{limit: limit, closing: make(chan struct{}), empty: make(chan struct{})}
}

// take promises at most n places, as many as there is room for, and returns how many, and how many of them may go to
// unimportant looks. There are none after close.
func (h *hand) take(n int, room gateway.Room) (places, spare int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, 0
	}
	places = max(0, min(n, room.Calls-h.promised, h.limit-h.held))
	spare = max(0, min(places, room.Spare-h.promised))
	h.held += places
	h.promised += places
	return places, spare
}

// giveBack returns n promised places.
func (h *hand) giveBack(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.promised -= n
	h.release(n)
}

// arrive says that the look of a promised place is about to call the gateway.
func (h *hand) arrive() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.promised--
}

// done returns the place of a look that had arrived.
func (h *hand) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(1)
}

func (h *hand) release(n int) {
	h.held -= n
	if h.closed && n > 0 && h.held == 0 {
		close(h.empty)
	}
}

// close ends the taking of places. The channel it returns is closed when all are given back. It is called once.
func (h *hand) close() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	close(h.closing)
	if h.held == 0 {
		close(h.empty)
	}
	return h.empty
}
