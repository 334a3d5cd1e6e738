package sandbox

import "sync"

// Operation is a kind of call to the API.
type Operation string

// The operations of the API.
const (
	OpCreate Operation = "create order" // POST /v1/orders/
	OpGet    Operation = "get order"    // GET /v1/orders/{id}/
	OpList   Operation = "list orders"  // GET /v1/orders/
)

// callBook counts calls.
type callBook struct {
	mu      sync.Mutex
	seen    map[call]int
	now     int
	mostNow int
}

// call with an empty id stands for all calls of the operation.
type call struct {
	op Operation
	id string
}

func newCallBook() *callBook { return &callBook{seen: make(map[call]int)} }

// Calls returns how many calls of op for an order have arrived, answered or not, refused or not; the order need not
// exist. An empty id stands for all calls of op.
func (g *Gateway) Calls(op Operation, id string) int {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	return g.calls.seen[call{op, id}]
}

// MaxConcurrentCalls returns the highest number of calls of the API that were under way at the same moment.
func (g *Gateway) MaxConcurrentCalls() int {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	return g.calls.mostNow
}

func (b *callBook) begin(op Operation, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen[call{op, ""}]++
	if id != "" {
		b.seen[call{op, id}]++
	}
	b.now++
	b.mostNow = max(b.mostNow, b.now)
}

func (b *callBook) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now--
}
