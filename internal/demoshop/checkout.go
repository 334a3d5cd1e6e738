package demoshop

import (
	"cmp"
	"net/url"
	"time"
)

// checkoutForm is the form of the product page, as it came.
type checkoutForm struct {
	Number   string
	Amount   string
	Currency string
	Locale   string
	Plan     capturePlan
}

// readCheckout reads the form. What the forms of the official demo shops have not may be missing (CONTRACT 8). Without
// a number each form is another order, however often it is sent.
func readCheckout(form url.Values) checkoutForm {
	number := form.Get("number")
	if !form.Has("number") {
		number = newRef()
	}
	return checkoutForm{
		Number: number, Amount: form.Get("amount"), Currency: form.Get("currency"),
		Locale: cmp.Or(form.Get("locale"), locales()[0].Code),
		Plan:   cmp.Or(capturePlan(form.Get("capture")), takeAtOnce),
	}
}

// check reads what is wanted. If something is wrong with the form, ok is false and the view is the form again, which
// says what.
func (form checkoutForm) check(f frame) (wanted placedOrder, view productView, ok bool) {
	t := f.T
	view = newProductView(f, form)
	c, known := findCurrency(form.Currency)
	if !known {
		view.CurrencyError = t.Form.Currency
		c = currencies()[0] // to say what is wrong with the amount, if it is too
	}
	minor, err := t.parseAmount(form.Amount, c)
	if err != nil {
		view.AmountError = err.Error()
	}
	if !isLocale(form.Locale) {
		view.LocaleError = t.Form.Locale
	}
	if !form.Plan.known() {
		view.PlanError, view.Plan = t.Form.Capture, takeAtOnce
	}
	if !refPattern.MatchString(form.Number) {
		view.Notice = t.Form.NoNumber
	} else {
		view.Number = form.Number
	}
	if view.wrong() {
		return placedOrder{}, view, false
	}
	return placedOrder{
		Key: form.Number, Ref: form.Number, Amount: minor, Currency: c, Locale: form.Locale, Plan: form.Plan,
		Placed: time.Now(),
	}, view, true
}

// wrong reports whether the page says that something is wrong with the form.
func (v *productView) wrong() bool {
	return cmp.Or(v.AmountError, v.CurrencyError, v.LocaleError, v.PlanError, v.Notice) != ""
}
