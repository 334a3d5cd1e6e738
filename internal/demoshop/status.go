package demoshop

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

// statusAnswer is what webhookd says, with the two members of the official demo shops (CONTRACT 8) that it has not.
type statusAnswer struct {
	ID      string    `json:"id"`      // of the gateway's order
	Created time.Time `json:"created"` // when the customer ordered
	verifiedOrder
}

// status answers a program with what webhookd has verified of one of the shop's orders, by the gateway's id. The
// official demo shops ask the gateway, for any order of the merchant, and say 500 to all that fails. Here only the
// shop's own orders are told, and the status says what is wrong.
func (s *shop) status(w http.ResponseWriter, r *http.Request) {
	type failure struct {
		Error string `json:"error"`
	}
	id := chi.URLParam(r, "id")
	o, ok := s.orders.ofGateway(id)
	if !ok {
		s.answerJSON(w, r, http.StatusNotFound, failure{errNotOurs.Error()})
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
		s.answerJSON(w, r, http.StatusOK, statusAnswer{ID: o.GatewayID, Created: o.Placed.UTC(), verifiedOrder: order})
	}
}
