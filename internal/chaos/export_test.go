package chaos

import (
	"math/rand/v2"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
)

// The parts of the harness that have tests of their own.
var (
	NotTaken   = notTaken
	Suspicious = suspicious
	PeakMemory = peakMemory
)

// Draw picks the faults of a round.
func Draw(seed uint64, only ...string) []Fault {
	return draw(rand.New(rand.NewPCG(seed, 1)), Faults(), only, int(seed%uint64(len(Faults()))))
}

// Drained returns what is found when a replica was told to stop at the moment from and had ended at the moment to, while
// a request that had begun at a third got no answer.
func Drained(began, from, to time.Time) []Finding {
	l := newLedger()
	l.unanswered("replica", "GET /", began)
	l.stopping("replica", from)
	l.stopped("replica", to)
	return l.Findings
}

// Meter returns a meter before a gateway, and what gives the calls that it took down.
func Meter(gateway http.Handler) (http.Handler, func() []Call) {
	m := &meter{gateway: gateway}
	return m, m.all
}

// Order reads a document.
func Order(text string) (*nopayn.Order, error) { return nopayn.ParseOrder([]byte(text)) }
