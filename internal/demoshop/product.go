package demoshop

import "net/http"

// proposedAmount is what the article costs until the customer types something else, in minor units.
const proposedAmount = 995

// productView is the page of the one article with its form.
type productView struct {
	frame
	Amount        string // as the customer typed it
	AmountError   string
	Currencies    []currencyChoice
	CurrencyError string
}

type currencyChoice struct {
	Code, Name string
	Chosen     bool
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	proposed := currencies()[0]
	view := newProductView(proposed.plain(proposedAmount), proposed.Code)
	s.render(w, r, http.StatusOK, "product.html", view)
}

// newProductView returns the page with the form as it was filled in.
func newProductView(amount, code string) productView {
	v := productView{frame: frame{Title: "Night Shift Espresso", Here: "product"}, Amount: amount}
	for _, c := range currencies() {
		v.Currencies = append(v.Currencies, currencyChoice{Code: c.Code, Name: c.Name, Chosen: c.Code == code})
	}
	return v
}
