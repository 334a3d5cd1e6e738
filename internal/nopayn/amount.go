package nopayn

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The errors of ParseAmount. The other two are ErrAmount as well.
var (
	ErrAmount         = errors.New("not an amount")
	ErrAmountTooExact = fmt.Errorf("%w: more digits behind the point than the currency has", ErrAmount)
	ErrAmountTooLarge = fmt.Errorf("%w: too large", ErrAmount)
)

// Digits is how many digits of an amount in this currency stand behind the point: 2 for most, none for some such as
// JPY, 3 for some such as KWD (ISO 4217). Capitals do not matter.
func Digits(currency string) int {
	switch strings.ToUpper(currency) {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
		"XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// ParseAmount reads an amount as people write it, 12.95 or 12,95, into minor units of the currency. It is exact: no
// float is involved (CONTRACT 4.7 W25), and what does not fit is refused, never rounded. There is no sign, and nothing
// between thousands, since 1,234 would be read in two ways. Spaces around it do not matter.
func ParseAmount(text, currency string) (int64, error) {
	digits := Digits(currency)
	whole, fraction, hasPoint := strings.Cut(strings.Replace(strings.TrimSpace(text), ",", ".", 1), ".")
	switch {
	case !isNumber(whole), hasPoint && !isNumber(fraction):
		return 0, ErrAmount
	case len(fraction) > digits:
		return 0, ErrAmountTooExact
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return 0, ErrAmountTooLarge
	}
	return minor, nil
}

// FormatAmount writes minor units as ParseAmount reads them, with a point: 12.95. A negative amount has a minus.
func FormatAmount(minor int64, currency string) string {
	digits := Digits(currency)
	text := strconv.FormatInt(minor, 10)
	if digits == 0 {
		return text
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if missing := digits + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	point := len(text) - digits
	return sign + text[:point] + "." + text[point:]
}

// isNumber reports whether text holds ASCII digits, and at least one.
func isNumber(text string) bool {
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	return text != "" && !strings.ContainsFunc(text, notDigit)
}
