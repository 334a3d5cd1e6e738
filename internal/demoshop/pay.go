package demoshop

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// maxForm is the longest form that is read, in bytes.
const maxForm = 16 << 10

// pay takes the order and sends the customer to the gateway. Both the gateway and webhookd know of the order before
// the customer can pay it: what cannot be checked afterwards is not sold.
func (s *shop) pay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.refuseForm(w, r, err)
		return
	}
	wanted, view, ok := checkout(r.PostForm.Get("amount"), r.PostForm.Get("currency"))
	if !ok {
		s.render(w, r, http.StatusUnprocessableEntity, "product.html", view)
		return
	}
	order, err := s.place(r.Context(), wanted)
	if err != nil {
		s.log.ErrorContext(r.Context(), "an order could not be placed", "reference", wanted.Ref, "err", err)
		s.say(w, r, http.StatusBadGateway, message{
			Title: "We cannot take payments right now",
			Text:  "Nothing was ordered and nothing was paid. Please try again in a moment.",
		})
		return
	}
	http.Redirect(w, r, order.PayURL, http.StatusSeeOther)
}

// checkout reads the form. If something is wrong with it, ok is false and the view is the form again, which says what.
func checkout(amount, code string) (wanted placedOrder, view productView, ok bool) {
	view = newProductView(amount, code)
	c, known := findCurrency(code)
	if !known {
		view.CurrencyError = "Choose one of the currencies."
		c = currencies()[0] // to say what is wrong with the amount, if it is too
	}
	minor, err := c.parse(amount)
	if err != nil {
		view.AmountError = err.Error()
	}
	if err != nil || !known {
		return placedOrder{}, view, false
	}
	return placedOrder{Ref: newRef(), Amount: minor, Currency: c, Placed: time.Now()}, view, true
}

// place creates the order at the gateway, registers it at webhookd and notes it. When it fails the customer gets no
// payment page, so that an order which the gateway has made already expires unpaid.
func (s *shop) place(ctx context.Context, o placedOrder) (placedOrder, error) {
	// Paid or not, the customer comes back to the same page: an address that says how it went would be believed.
	back := s.publicURL + orderPath(o.Ref)
	made, err := s.gateway.create(ctx, orderRequest{
		Amount: o.Amount, Currency: o.Currency.Code, MerchantOrderID: o.Ref,
		Description: "Night Shift Espresso", ReturnURL: back, FailureURL: back, WebhookURL: s.webhookURL,
		ExpirationPeriod: expirationPeriod,
	})
	if err != nil {
		return placedOrder{}, err
	}
	o.GatewayID, o.PayURL = made.id, made.payURL
	err = s.service.register(ctx, o.GatewayID, registration{
		MerchantOrderID: o.Ref, Amount: o.Amount, Currency: o.Currency.Code,
	})
	if err != nil {
		return placedOrder{}, err
	}
	s.orders.add(o)
	return o, nil
}

// refuseForm answers a form that did not arrive whole.
func (s *shop) refuseForm(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		status = http.StatusRequestEntityTooLarge
	}
	s.say(w, r, status, message{Title: "This form could not be read", Text: "Please go back and try again."})
}

// refuseForeignForm answers a form that another site had the browser send.
func (s *shop) refuseForeignForm(w http.ResponseWriter, r *http.Request) {
	s.say(w, r, http.StatusForbidden, message{
		Title: "This did not come from the shop",
		Text:  "Another site tried to order in your name. Nothing was ordered.",
	})
}
