package demoshop

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

// orderView is the page that the customer comes back to.
type orderView struct {
	frame
	Ref       string
	GatewayID string
	Amount    string
	Verdict   verdict
	PayURL    string // empty unless the customer may pay
	RetryURL  string // empty unless the payment failed and may be tried again
	Holds     []hold // why the goods stay here though they are paid
	Known     bool   // webhookd has answered
	Order     verifiedOrder
	Timeline  []moment
	Waiting   bool   // more is to be expected
	Toggle    string // where refreshing is switched off, or on again
}

// moment is one entry of the timeline, oldest first.
type moment struct {
	At    time.Time
	Title string
	Tone  tone
	By    string // how webhookd came to know; empty for what the shop itself did
	Code  string // the event's type
	Seq   int64
}

// orderPath is the page of an order. The reference is part of the path and no parameter, because the gateway appends
// order_id and project_id to the address, whatever that means to the shop (CONTRACT 4.7 W16). They are not read.
func orderPath(ref string) string { return "/order/" + ref }

// order shows what webhookd has verified. Whatever the browser brings along proves nothing.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	o, ok := s.orders.find(chi.URLParam(r, "ref"))
	if !ok {
		s.notFound(w, r)
		return
	}
	found, err := s.lookUp(r.Context(), o.GatewayID)
	if err != nil {
		s.log.WarnContext(r.Context(), "an order's state is not known", "reference", o.Ref, "err", err)
	}
	view := newOrderView(o, found)
	if view.Waiting {
		view.refresh(time.Since(o.Placed), r.URL.Query().Get("refresh") == "off")
	}
	s.render(w, r, http.StatusOK, "order.html", view)
}

// finding is what webhookd says. The zero value is that it said nothing.
type finding struct {
	known   bool
	order   verifiedOrder
	history []orderEvent
}

// lookUp asks webhookd. An order that it does not know is one it has yet to hear of, and no error.
func (s *shop) lookUp(ctx context.Context, id string) (finding, error) {
	order, err := s.service.order(ctx, id)
	if errors.Is(err, errUnknown) {
		return finding{known: true}, nil
	}
	if err != nil {
		return finding{}, err
	}
	history, err := s.service.history(ctx, id)
	if err != nil {
		return finding{}, err
	}
	return finding{known: true, order: order, history: history}, nil
}

func newOrderView(o placedOrder, f finding) orderView {
	v := orderView{
		frame: frame{Title: "Order " + o.Ref}, Ref: o.Ref, GatewayID: o.GatewayID,
		Amount: o.Currency.money(o.Amount), Verdict: judge(f), Known: f.known, Order: f.order,
		Waiting:  !f.known || !f.order.Settled,
		Timeline: []moment{{At: o.Placed, Title: "Ordered in this shop"}},
	}
	switch {
	case v.Verdict.payable:
		v.PayURL = o.PayURL
	case v.Verdict.failed:
		v.RetryURL = o.PayURL
	}
	if !f.order.Fulfillable && v.Verdict.held {
		for _, code := range f.order.Holds {
			v.Holds = append(v.Holds, hold{Code: code, Text: holdText(code)})
		}
	}
	for _, e := range f.history {
		word := e.word()
		v.Timeline = append(v.Timeline, moment{
			At: e.Time, Title: word.Label, Tone: word.Tone, By: sourceText(e.Source), Code: e.Type, Seq: e.Seq,
		})
	}
	return v
}

// refresh has the browser ask again after a while, more rarely as the order gets older, unless the customer does not
// want that: a page that changes under the hands of somebody who reads slowly, or has it read aloud, is none.
func (v *orderView) refresh(age time.Duration, off bool) {
	path := orderPath(v.Ref)
	if off {
		v.Toggle = path
		return
	}
	v.Toggle = path + "?refresh=off"
	v.RefreshTo = path
	switch {
	case age < time.Minute:
		v.Refresh = 2
	case age < 10*time.Minute:
		v.Refresh = 5
	default:
		v.Refresh = 30
	}
}
