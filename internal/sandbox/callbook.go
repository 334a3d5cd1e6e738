package sandbox

import "sync"

// Operation is a kind of call to the API.
type Operation string

// The operations of the API (CONTRACT 2).
const (
	OpCreate     Operation = "create order" // POST /v1/orders/
	OpGet        Operation = "get order"    // GET /v1/orders/{id}/
	OpList       Operation = "list orders"  // GET /v1/orders/
	OpSearch     Operation = "search"       // POST /v1/search/orders/
	OpUpdate     Operation = "update"       // PUT /v1/orders/{id}/
	OpCancel     Operation = "cancel"       // DELETE /v1/orders/{id}/
	OpRefund     Operation = "refund"       // POST /v1/orders/{id}/refunds/
	OpCapture    Operation = "capture"      // POST .../captures/, .../captures/amount/, .../captures/orderlines/
	OpVoid       Operation = "void"         // POST .../voids/amount/, .../voids/orderlines/
	OpTokens     Operation = "tokens"       // POST /v1/tokens/
	OpCreateLink Operation = "create link"  // POST /v1/paymentlinks/
	OpGetLink    Operation = "get link"     // GET /v1/paymentlinks/{id}/
	OpCurrencies Operation = "currencies"   // GET /v1/merchants/self/projects/self/currencies/
	OpProject    Operation = "project"      // GET /v1/merchants/self/projects/self/
)

// Operations returns all operations of the API. Those that have no id in their path happen to no order.
func Operations() []Operation {
	return []Operation{
		OpCreate, OpGet, OpList, OpSearch, OpUpdate, OpCancel, OpRefund, OpCapture, OpVoid, OpTokens, OpCreateLink,
		OpGetLink, OpCurrencies, OpProject,
	}
}

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

// Calls returns how many calls of op for an order, or for a payment link, have arrived, answered or not, refused or
// not; the order need not exist. An empty id stands for all calls of op.
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
