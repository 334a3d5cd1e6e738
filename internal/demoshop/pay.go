package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
)

// maxForm is the longest form that is read, in bytes.
const maxForm = 16 << 10

// pay takes the order and sends the customer to the gateway. Both the gateway and webhookd know of the order before
// the customer can pay it: what cannot be checked afterwards is not sold.
func (s *shop) pay(w http.ResponseWriter, r *http.Request) {
	if !s.readForm(w, r) {
		return
	}
	form := readCheckout(r.PostForm)
	r.PostForm.Set("number", form.Number) // should the form have to be sent again
	f := s.frame(r)
	f.Home = "/"
	wanted, view, ok := form.check(f)
	if !ok {
		s.render(w, r, http.StatusUnprocessableEntity, "product.html", view)
		return
	}
	order, err := s.place(r.Context(), wanted)
	if errors.Is(err, errOtherWish) {
		view.Number, view.Notice = newRef(), view.T.Form.AlreadyUsed
		if order.open() {
			view.NoticeTo = orderPath(order.Key)
		}
		s.render(w, r, http.StatusConflict, "product.html", view)
		return
	}
	s.toPayment(w, r, order, err)
}

// toPayment sends the customer to the payment page of an order, or says why there is none.
func (s *shop) toPayment(w http.ResponseWriter, r *http.Request, o placedOrder, err error) {
	switch {
	case errors.Is(err, errUnsure):
		s.log.ErrorContext(r.Context(), "it is not known whether an order was placed", "reference", o.Ref, "err", err)
		s.sayUnsure(w, r)
	case err != nil:
		s.log.ErrorContext(r.Context(), "an order could not be placed", "reference", o.Ref, "err", err)
		s.say(w, r, http.StatusBadGateway, func(m messageTexts) verdictText { return m.NoPayments })
	default:
		http.Redirect(w, r, o.PayURL, http.StatusSeeOther)
	}
}

// placeTimeout bounds all that is done to place an order. It goes on when the customer has left: a browser drops the
// answer to the first of two clicks, and the second must find the order.
const placeTimeout = 40 * time.Second

var (
	errOtherWish = errors.New("there is another order with this key")
	errUnsure    = errors.New("it is not known whether the gateway made the order")
)

// listLag is how long an order that was made may be missing in the gateway's list. Nothing documents that it may, nor
// for how long.
const listLag = time.Minute

// place makes an order of what is wanted, once for its key, however often it is called and even while it runs. If it
// fails with errUnsure the gateway may have made one. The next calls look for it, and make no other before the gateway
// has had the time of a listLag to list it. Should it turn up even later, there are two of them for this purchase; but
// nobody was told where to pay the first, so that it expires. The order returned has the key in all cases.
func (s *shop) place(ctx context.Context, wanted placedOrder) (placedOrder, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), placeTimeout)
	defer cancel()
	defer s.turns.take(wanted.Key)()
	noted, again := s.orders.find(wanted.Key)
	switch {
	case again && !noted.sameWish(wanted):
		return noted, errOtherWish
	case again && noted.open():
		return noted, nil
	case again:
		wanted = noted
	default:
		s.orders.put(wanted) // before anything is sent, so that a lost answer is looked for (CONTRACT 4.7 W34)
	}
	made, err := s.open(ctx, wanted, again)
	if err != nil {
		if nopayn.NotDone(err) && !errors.Is(err, errUnsure) {
			s.orders.strike(wanted.Key)
		}
		return wanted, err
	}
	wanted.made = made
	s.orders.put(wanted)
	err = s.service.register(ctx, made.id, registration{
		MerchantOrderID: wanted.Ref, Amount: wanted.Amount, Currency: wanted.Currency.Code,
	})
	if err != nil {
		return wanted, err // nobody pays the gateway's order, so that it expires, unless a next call takes it
	}
	wanted.GatewayID, wanted.PayURL, wanted.Signature = made.id, made.payURL, s.gateway.sign(wanted, made.id)
	s.orders.put(wanted)
	s.log.InfoContext(ctx, "an order was placed", "reference", wanted.Ref, "order_id", wanted.GatewayID,
		"signature", wanted.Signature)
	return wanted, nil
}

// open gets the gateway's order: the one of an earlier call, if there was any, and else a new one.
func (s *shop) open(ctx context.Context, o placedOrder, again bool) (createdOrder, error) {
	if o.made.id != "" {
		return o.made, nil
	}
	if again {
		made, err := s.find(ctx, o)
		switch {
		case !errors.Is(err, errNotListed):
			return made, err
		case time.Since(o.lost) < s.listLag:
			return createdOrder{}, fmt.Errorf("%w: %w", errUnsure, err)
		}
	}
	made, err := s.gateway.create(ctx, s.request(o))
	if err == nil || nopayn.NotDone(err) || errors.Is(err, errUnpayable) {
		return made, err
	}
	o.lost = time.Now()
	s.orders.put(o)
	found, findErr := s.find(ctx, o)
	if findErr != nil {
		return createdOrder{}, fmt.Errorf("%w: %w", errUnsure, errors.Join(err, findErr))
	}
	s.log.WarnContext(ctx, "the answer to a new order was lost, and the order found", "reference", o.Ref, "err", err)
	return found, nil
}

// find looks for an order whose answer was lost. It is errNotListed if the gateway lists none.
func (s *shop) find(ctx context.Context, o placedOrder) (createdOrder, error) {
	made, err := s.gateway.find(ctx, o.Ref, o.Placed, s.orders.ofPurchase(o.Ref)...)
	if err == nil || errors.Is(err, errNotListed) || errors.Is(err, errUnpayable) {
		return made, err
	}
	return createdOrder{}, fmt.Errorf("%w: %w", errUnsure, err)
}

// request is the order as the gateway gets it.
func (s *shop) request(o placedOrder) nopayn.NewOrder {
	// Paid or not, the customer comes back to the same page: an address that says how it went would be believed.
	back := s.publicURL + orderPath(o.Key)
	return nopayn.NewOrder{
		Amount: o.Amount, Currency: o.Currency.Code, MerchantOrderID: o.Ref, Description: articleName,
		ReturnURL: back, FailureURL: back, WebhookURL: s.webhookURL, Locale: o.Locale,
		ExpirationPeriod: o.Plan.period(), CaptureMode: o.Plan.mode(),
	}
}

// readForm reads a form of ours. If that fails it answers, and ok is false.
func (s *shop) readForm(w http.ResponseWriter, r *http.Request) (ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil {
		return true
	}
	status := http.StatusBadRequest
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		status = http.StatusRequestEntityTooLarge
	}
	s.say(w, r, status, func(m messageTexts) verdictText { return m.Unreadable })
	return false
}

// refuseForeignForm answers a form that another site had the browser send.
func (s *shop) refuseForeignForm(w http.ResponseWriter, r *http.Request) {
	s.say(w, r, http.StatusForbidden, func(m messageTexts) verdictText { return m.Foreign })
}
