package demoshop

import (
	"net/http"
	"time"
)

// listed is how many orders the list shows.
const listed = 50

// listView is the page of this shop's orders, newest first.
type listView struct {
	frame
	Orders  []listedOrder
	Trouble bool // webhookd does not answer
}

type listedOrder struct {
	Path, Key   string
	Amount      string
	Placed      time.Time
	State       word
	Fulfillable bool
}

func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	view := listView{frame: s.frame(r)}
	view.Title, view.Here = view.T.List.Title, "orders"
	verified, err := s.service.newest(r.Context())
	if err != nil {
		s.log.WarnContext(r.Context(), "the orders' states are not known", "err", err)
		view.Trouble = true
	}
	for _, o := range s.orders.newest(listed) {
		v := verified[o.GatewayID]
		view.Orders = append(view.Orders, listedOrder{
			Path: orderPath(o.Key), Key: o.Key, Amount: view.T.money(o.Amount, o.Currency), Placed: o.Placed,
			State: view.T.orderWord(v), Fulfillable: o.mayLeave(v),
		})
	}
	s.render(w, r, http.StatusOK, "orders.html", view)
}
