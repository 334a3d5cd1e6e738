package demoshop

// currency is one that the shop sells in.
type currency struct {
	Code   string // ISO 4217
	Name   string
	symbol string // written before the amount; the code where a symbol would not say which currency it is
	digits int    // of an amount, behind the point (ISO 4217)
}

// currencies are those of CONTRACT 9.3. The first is proposed.
func currencies() []currency {
	return []currency{
		{Code: "EUR", Name: "Euro", symbol: "€", digits: 2},
		{Code: "GBP", Name: "Pound sterling", symbol: "£", digits: 2},
		{Code: "USD", Name: "US dollar", symbol: "$", digits: 2},
		{Code: "NOK", Name: "Norwegian krone", symbol: "NOK\u00a0", digits: 2},
		{Code: "SEK", Name: "Swedish krona", symbol: "SEK\u00a0", digits: 2},
		{Code: "DKK", Name: "Danish krone", symbol: "DKK\u00a0", digits: 2},
	}
}

// findCurrency returns the currency with this code, in capitals.
func findCurrency(code string) (c currency, ok bool) {
	for _, c := range currencies() {
		if c.Code == code {
			return c, true
		}
	}
	return currency{}, false
}
