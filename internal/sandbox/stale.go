package sandbox

import (
	"encoding/json"
	"net/http"
	"time"
)

// statesKept is how many states of an order are remembered beside the present one, for stale answers.
const statesKept = 16

// Stale shows orders as they were d ago on the gateway's clock, as a copy that lags behind would: whatever changes is
// seen only after d. An order younger than that is shown as it was made.
func Stale(d time.Duration) Fault {
	return Fault{FaultKind{Name: "stale", Delay: d}, func(g *Gateway, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := newHeldAnswer()
			next.ServeHTTP(answer, r)
			answer.eachOrder(func(shown document) document { return g.asOf(shown, g.clock.Now().Add(-d), answer.header) })
			answer.send(w)
		})
	}}
}

// asOf returns the order shown as it was at a moment, and sets its ETag in the header if there is one.
func (g *Gateway) asOf(shown document, at time.Time, header http.Header) document {
	o, err := g.orders.find(shown.text("id"))
	if err != nil {
		return shown
	}
	old := o.at(at)
	doc, err := parseDocument(old.text)
	if err != nil {
		return shown
	}
	if _, asked := shown["amount_details"]; asked && len(old.details) > 0 {
		doc["amount_details"] = json.RawMessage(old.details)
	}
	if header.Get("ETag") != "" {
		header.Set("ETag", old.etag)
	}
	return doc
}

// at returns what was shown at a moment, or the oldest state remembered if that is younger.
func (o *order) at(moment time.Time) *answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	shown := o.answer.Load()
	for i := len(o.past) - 1; i >= 0 && shown.since.After(moment); i-- {
		shown = o.past[i]
	}
	return shown
}

// StaleGET has GETs and lists show an order as it was before its last change, whatever happens to it meanwhile, until
// release is called. An order never changed is shown as it is now.
func (g *Gateway) StaleGET(id string) (release func(), err error) {
	o, err := g.orders.find(id)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.answer.Load()
	if len(o.past) > 0 {
		old = o.past[len(o.past)-1]
	}
	o.frozen.Store(old)
	return func() { o.frozen.CompareAndSwap(old, nil) }, nil
}
