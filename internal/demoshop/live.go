package demoshop

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const (
	liveFor  = 20 * time.Second       // an answer is held back, when there is no news
	lookRest = 200 * time.Millisecond // between two looks, at least
)

// liveAnswer is what the script of a page gets: the parts of the page, if they are not those that it has.
type liveAnswer struct {
	Version     string `json:"version"`
	HTML        string `json:"html,omitempty"`
	State       string `json:"state,omitempty"`
	Settled     bool   `json:"settled"`
	Fulfillable bool   `json:"fulfillable"`
}

// glance is one look at what a page shows.
type glance struct {
	answer liveAnswer
	await  func(context.Context) // returns when another look may show something else, or when ctx ends
}

// follow answers as soon as the page's parts are of another version than since, and at the latest after liveFor. What
// it says is always what look saw last, so that no news is missed between two requests.
func (s *shop) follow(w http.ResponseWriter, r *http.Request, look func(context.Context) (glance, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), liveFor)
	defer cancel()
	since := r.URL.Query().Get("since")
	for {
		g, err := look(r.Context())
		if err != nil {
			s.log.ErrorContext(r.Context(), "a page could not be made", "err", err)
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		if g.answer.Version != since || ctx.Err() != nil {
			if g.answer.Version == since {
				g.answer.HTML = ""
			}
			s.answerJSON(w, r, http.StatusOK, g.answer)
			return
		}
		looked := time.Now()
		g.await(ctx)
		rest(ctx, lookRest-time.Since(looked))
	}
}

// orderState follows the page of an order.
func (s *shop) orderState(w http.ResponseWriter, r *http.Request) {
	o, ok := s.requestedOrder(w, r)
	if !ok {
		return
	}
	t := s.languages.choose(r)
	s.follow(w, r, func(ctx context.Context) (glance, error) {
		if now, ok := s.orders.find(o.Key); ok {
			o = now // with the money that was moved meanwhile
		}
		f := s.lookUp(ctx, o)
		data := s.orderParts(t, o, f, refundForm{})
		p, err := s.views.parts("order-parts", data)
		return glance{
			answer: liveAnswer{
				Version: p.Version, HTML: string(p.HTML), State: data.Verdict.State, Settled: !data.Waiting,
				Fulfillable: o.mayLeave(f.order),
			},
			await: func(ctx context.Context) { s.awaitNews(ctx, o, f) },
		}, err
	})
}

func (s *shop) answerJSON(w http.ResponseWriter, r *http.Request, status int, answer any) {
	text, err := json.Marshal(answer)
	if err != nil { // cannot be: all answers are plain structs
		s.log.ErrorContext(r.Context(), "an answer could not be made", "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // fails only when the customer has left
}

// rest returns after a while, or when ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
