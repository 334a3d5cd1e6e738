package demoshop

import (
	"net/http"

	"webhookd/internal/nopayn"
)

const (
	articleName = "Night Shift Espresso"

	// proposedAmount is what the article costs until the customer types something else, in minor units.
	proposedAmount = 995
)

// productView is the page of the one article with its form.
type productView struct {
	frame
	Number        string // the reference that the order will have: sent twice, it is still one order
	Notice        string
	NoticeTo      string // path of what the notice speaks of; may be empty
	Amount        string // as the customer typed it
	AmountError   string
	Currencies    []currencyChoice
	CurrencyError string
	Locales       []localeChoice
	LocaleError   string
	Plan          capturePlan
	PlanError     string
}

type currencyChoice struct {
	Code, Name    string
	Before, After string // an amount
	Digits        int    // of an amount, behind the point
	Chosen        bool
}

type localeChoice struct {
	locale
	Chosen bool
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	f := s.frame(r)
	proposed := currencies()[0]
	view := newProductView(f, checkoutForm{
		Amount: f.T.plain(proposedAmount, proposed), Currency: proposed.Code, Locale: proposedLocale(f.T.Lang),
		Plan: takeAtOnce,
	})
	s.render(w, r, http.StatusOK, "product.html", view)
}

// newProductView returns the page with the form as it was filled in, for a new order.
func newProductView(f frame, form checkoutForm) productView {
	f.Title, f.Here = f.T.Product.Name, "product"
	v := productView{frame: f, Number: newRef(), Amount: form.Amount, Plan: form.Plan}
	for _, c := range currencies() {
		before, after := f.T.around(c)
		v.Currencies = append(v.Currencies, currencyChoice{
			Code: c.Code, Name: f.T.Currencies[c.Code], Before: before, After: after,
			Digits: nopayn.Digits(c.Code), Chosen: c.Code == form.Currency,
		})
	}
	for _, l := range locales() {
		v.Locales = append(v.Locales, localeChoice{locale: l, Chosen: l.Code == form.Locale})
	}
	return v
}
