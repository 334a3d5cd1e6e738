package demoshop

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// status answers a program with what webhookd has verified of one of the shop's orders, by the gateway's id. The
// official demo shops have this route (CONTRACT 8), and ask the gateway.
func (s *shop) status(w http.ResponseWriter, r *http.Request) {
	type failure struct {
		Error string `json:"error"`
	}
	id := chi.URLParam(r, "id")
	if !s.orders.holds(id) {
		s.answerJSON(w, r, http.StatusNotFound, failure{"this shop has no such order"})
		return
	}
	order, _, err := s.service.order(r.Context(), id)
	switch {
	case errors.Is(err, errUnknown):
		s.answerJSON(w, r, http.StatusNotFound, failure{"webhookd does not know the order yet"})
	case err != nil:
		s.log.WarnContext(r.Context(), "an order's state is not known", "order_id", id, "err", err)
		s.answerJSON(w, r, http.StatusBadGateway, failure{"webhookd does not answer"})
	default:
		s.answerJSON(w, r, http.StatusOK, order)
	}
}
