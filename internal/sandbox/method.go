package sandbox

import "slices"

const methodCard = "credit-card"

// method is a way to pay that the project has active (CONTRACT 2.11, 9.2).
type method struct {
	name       string
	title      string
	currencies []string // empty: all
}

// activeMethods returns the project's methods, in the order the page shows them. Cards take every currency, so that
// there is always a way to pay.
func activeMethods() []method {
	return []method{
		{name: methodCard, title: "Card"},
		{name: "vipps-mobilepay", title: "Vipps MobilePay", currencies: []string{"NOK", "DKK", "EUR"}},
		{name: "apple-pay", title: "Apple Pay", currencies: []string{"EUR", "GBP"}},
		{name: "google-pay", title: "Google Pay", currencies: []string{"EUR", "GBP"}},
	}
}

func (m method) takes(currency string) bool {
	return len(m.currencies) == 0 || slices.Contains(m.currencies, currency)
}

// activeMethod is the rule of a member that names a payment method. Its refusal has shape B (CONTRACT 5).
func activeMethod() rule {
	methods := activeMethods()
	isText := text()
	return func(path, about string, value any) error {
		if err := isText(path, about, value); err != nil {
			return err
		}
		if !slices.ContainsFunc(methods, func(m method) bool { return m.name == value }) {
			return inactive(value.(string))
		}
		return nil
	}
}

// offered returns the methods a customer may choose from for an order: those of its prepared transactions, else those
// of its payment_methods, else all; always only those that take its currency.
func (d document) offered() []method {
	var wanted []any
	for _, tx := range d.transactions() {
		if tx.text("status") == txNew {
			wanted = append(wanted, tx["payment_method"])
		}
	}
	if len(wanted) == 0 {
		wanted = d.list("payment_methods")
	}
	return slices.DeleteFunc(activeMethods(), func(m method) bool {
		return !m.takes(d.text("currency")) || len(wanted) > 0 && !slices.Contains(wanted, any(m.name))
	})
}
