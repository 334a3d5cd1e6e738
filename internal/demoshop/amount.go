package demoshop

import (
	"fmt"
	"strconv"
	"strings"
)

// maxAmount is the most that the shop sells for, in minor units.
const maxAmount = 9_999_999

// amountError says what is wrong with an amount, to the customer who typed it.
type amountError string

func (e amountError) Error() string { return string(e) }

// parse reads an amount as people type it, 9.95 or 9,95, into minor units. It is exact: no float is involved, and what
// does not fit is refused, never rounded. Thousands are not separated, since 1,234 would be read as two things.
func (c currency) parse(text string) (int64, error) {
	whole, fraction, hasPoint := strings.Cut(strings.Replace(strings.TrimSpace(text), ",", ".", 1), ".")
	switch {
	case !isNumber(whole), hasPoint && !isNumber(fraction):
		return 0, amountError("Write the amount in digits, such as " + c.plain(995) + ".")
	case len(fraction) > c.digits:
		return 0, amountError(fmt.Sprintf("%s has %d digits behind the point.", c.Code, c.digits))
	}
	digits := strings.TrimLeft(whole+fraction+strings.Repeat("0", c.digits-len(fraction)), "0")
	if digits == "" {
		return 0, amountError("The amount must be at least " + c.plain(1) + ".")
	}
	minor, err := strconv.ParseInt(digits, 10, 64) // fails only if there are too many digits
	if err != nil || minor > maxAmount {
		return 0, amountError("The amount must be at most " + c.plain(maxAmount) + ".")
	}
	return minor, nil
}

// plain writes minor units in the form that parse reads: 9.95.
func (c currency) plain(minor int64) string {
	if c.digits == 0 {
		return strconv.FormatInt(minor, 10)
	}
	text := fmt.Sprintf("%0*d", c.digits+1, minor)
	point := len(text) - c.digits
	return text[:point] + "." + text[point:]
}

// money writes minor units for people: €9.95.
func (c currency) money(minor int64) string { return c.symbol + c.plain(minor) }

// isNumber reports whether text holds ASCII digits, and at least one.
func isNumber(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
