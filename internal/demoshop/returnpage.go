package demoshop

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
)

// orderView is the page that the customer comes back to.
type orderView struct {
	frame
	Ref       string
	Key       string
	Parts     parts
	Live      bool   // a script follows the order
	StatePath string // which it asks
	Paused    bool   // the customer does not want the page to change by itself
	Toggle    string // where that is switched on or off
}

// orderPath is the page of an order. The key is part of the path and no parameter, because the gateway appends
// order_id and project_id to the address, whatever that means to the shop (CONTRACT 4.7 W16). They are not read.
func orderPath(key string) string { return "/order/" + key }

// requestedOrder is the order that the path names. If there is none it answers, and ok is false.
func (s *shop) requestedOrder(w http.ResponseWriter, r *http.Request) (o placedOrder, ok bool) {
	o, ok = s.orders.find(chi.URLParam(r, "key"))
	if !ok || !o.open() {
		s.notFound(w, r)
		return placedOrder{}, false
	}
	return o, true
}

// order shows what webhookd has verified. Whatever the browser brings along proves nothing.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	if o, ok := s.requestedOrder(w, r); ok {
		s.showOrder(w, r, http.StatusOK, o, s.lookUp(r.Context(), o), refundForm{})
	}
}

// showOrder answers with the order's page, with the form for refunds as it was filled in.
func (s *shop) showOrder(
	w http.ResponseWriter, r *http.Request, status int, o placedOrder, f finding, form refundForm,
) {
	view := orderView{frame: s.frame(r), Ref: o.Ref, Key: o.Key, StatePath: orderPath(o.Key) + "/state"}
	view.Title = fmt.Sprintf(view.T.Order.Title, o.Key)
	var err error
	data := s.orderParts(view.T, o, f, form)
	if view.Parts, err = s.views.parts("order-parts", data); err != nil {
		s.log.ErrorContext(r.Context(), "a page could not be made", "page", "order-parts", "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	view.follow(r, data.Waiting, time.Since(o.Placed))
	s.render(w, r, status, "order.html", view)
}

// follow keeps the page up to date: by a script, or where none runs by having the browser ask again after a while, more
// rarely as the order gets older. The customer may not want that: a page that changes under the hands of somebody who
// reads slowly, or has it read aloud, is none.
func (v *orderView) follow(r *http.Request, waiting bool, age time.Duration) {
	path := orderPath(v.Key)
	if r.Method == http.MethodPost { // the page of a form that was wrong: it stays until that is sent again
		v.Home = path
		return
	}
	if r.URL.Query().Get("refresh") == "off" {
		v.Paused, v.Toggle = true, path
		return
	}
	v.Live, v.Toggle = true, path+"?refresh=off"
	if !waiting {
		return
	}
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

// orderParts is what changes on the page while it is open. It says the same until something has happened.
type orderParts struct {
	T          *texts
	Key, Ref   string
	Second     bool
	GatewayID  string
	Amount     string
	Verdict    verdict
	PayURL     string // empty unless the customer may pay
	RetryURL   string // empty unless the payment failed and may be tried again
	Signature  string
	Signed     word   // whether the order is the one that was signed
	Holds      []hold // why the goods stay here though they are paid
	Known      bool   // webhookd has answered
	Order      verifiedOrder
	Timeline   []moment
	Waiting    bool // more is to be expected
	Money      moneyView
	Inspector  bool
	Inspected  bool
	Deliveries []deliveryView
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

func (s *shop) orderParts(t *texts, o placedOrder, f finding, form refundForm) orderParts {
	v := newOrderParts(t, o, f, form)
	v.Inspector = s.control != nil
	switch {
	case f.order.Status == "":
		v.Signed = word{t.Order.NotChecked, toneWait}
	case s.gateway.signed(f.order, o.Signature):
		v.Signed = word{t.Order.SignatureFits, toneGood}
	default:
		v.Signed = word{t.Order.SignatureOff, toneBad}
	}
	return v
}

func newOrderParts(t *texts, o placedOrder, f finding, form refundForm) orderParts {
	v := orderParts{
		T: t, Key: o.Key, Ref: o.Ref, Second: o.isSecond(), GatewayID: o.GatewayID,
		Amount: t.money(o.Amount, o.Currency), Signature: o.Signature, Verdict: t.judge(f), Known: f.known, Order: f.order,
		Waiting:   !f.known || !f.order.Settled || o.refunding(f.order) > 0 || o.ending(f.order),
		Timeline:  timeline(t, o, f.history),
		Money:     newMoneyView(t, o, f, form),
		Inspected: f.inspected, Deliveries: deliveryViews(t, f.deliveries),
	}
	if f.order.Fulfillable && o.refunding(f.order) > 0 {
		v.Verdict = t.giveBack(v.Verdict)
	}
	switch {
	case v.Verdict.payable:
		v.PayURL = o.PayURL
	case v.Verdict.failed:
		v.RetryURL = o.PayURL
	}
	if !f.order.Fulfillable && v.Verdict.held {
		for _, code := range f.order.Holds {
			v.Holds = append(v.Holds, hold{Code: code, Text: t.Holds[code]})
		}
	}
	return v
}

// timeline is what the shop did and what webhookd verified, in order.
func timeline(t *texts, o placedOrder, history []orderEvent) []moment {
	ordered := moment{At: o.Placed, Title: t.Order.Ordered}
	if o.isSecond() {
		ordered.Title = t.Order.OrderedAgain
	}
	line := []moment{ordered}
	for _, e := range history {
		word := t.eventWord(e)
		line = append(line, moment{
			At: e.Time, Title: word.Label, Tone: word.Tone, By: t.sourceText(e.Source), Code: e.Type, Seq: e.Seq,
		})
	}
	for _, m := range o.Moves {
		text, tone := t.outcomeText(m.Outcome)
		if tone == toneGood {
			tone = toneNone // it is asked for, not verified
		}
		line = append(line, moment{At: m.At, Title: t.moveText(m, o.Currency), Tone: tone, By: text})
	}
	// An order begins with being ordered, whatever webhookd's clock says.
	slices.SortStableFunc(line[1:], func(a, b moment) int { return a.At.Compare(b.At) })
	return line
}
