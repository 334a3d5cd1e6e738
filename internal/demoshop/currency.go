package demoshop

// currency is one that the shop sells in.
type currency struct {
	Code   string // ISO 4217
	symbol string // the code where a symbol would not say which currency it is
}

// currencies are those of CONTRACT 9.3, and one each without and with three digits behind the point: the gateway takes
// them all, and a shop that knows cents only is wrong by a factor. The first is proposed.
func currencies() []currency {
	return []currency{
		{Code: "EUR", symbol: "€"},
		{Code: "GBP", symbol: "£"},
		{Code: "USD", symbol: "$"},
		{Code: "NOK", symbol: "NOK"},
		{Code: "SEK", symbol: "SEK"},
		{Code: "DKK", symbol: "DKK"},
		{Code: "JPY", symbol: "¥"},
		{Code: "KWD", symbol: "KWD"},
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
