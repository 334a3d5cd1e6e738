package demoshop

import (
	"errors"
	"fmt"
	"strings"

	"webhookd/internal/nopayn"
)

// maxAmount is the most that the shop sells for, in minor units.
const maxAmount = 9_999_999

// amountError says what is wrong with an amount, to the customer who typed it.
type amountError string

func (e amountError) Error() string { return string(e) }

// parseAmount reads an amount as people type it, 9.95 or 9,95, into minor units. It is exact: no float is involved,
// and what does not fit is refused, never rounded. Thousands are not separated, since 1,234 would be read as two
// things. The error is an amountError.
func (t *texts) parseAmount(text string, c currency) (int64, error) {
	minor, err := nopayn.ParseAmount(text, c.Code)
	switch {
	case errors.Is(err, nopayn.ErrAmountTooExact) && nopayn.Digits(c.Code) == 0:
		return 0, amountError(fmt.Sprintf(t.Form.WholeOnly, c.Code))
	case errors.Is(err, nopayn.ErrAmountTooExact):
		return 0, amountError(fmt.Sprintf(t.Form.TooExact, c.Code, nopayn.Digits(c.Code)))
	case errors.Is(err, nopayn.ErrAmountTooLarge), minor > maxAmount:
		return 0, amountError(fmt.Sprintf(t.Form.TooMuch, t.plain(maxAmount, c)))
	case err != nil:
		return 0, amountError(fmt.Sprintf(t.Form.InDigits, t.plain(proposedAmount, c)))
	case minor == 0:
		return 0, amountError(fmt.Sprintf(t.Form.TooLittle, t.plain(1, c)))
	}
	return minor, nil
}

// plain writes minor units in a form that parseAmount reads: 9.95.
func (t *texts) plain(minor int64, c currency) string {
	return strings.Replace(nopayn.FormatAmount(minor, c.Code), ".", t.DecimalMark, 1)
}

// money writes minor units for people: €9.95.
func (t *texts) money(minor int64, c currency) string {
	before, after := t.around(c)
	return before + t.plain(minor, c) + after
}

// around is what stands before and after an amount of money.
func (t *texts) around(c currency) (before, after string) {
	const space = "\u00a0" // on which no line breaks
	switch {
	case t.SymbolAfter:
		return "", space + c.symbol
	case c.symbol == c.Code:
		return c.symbol + space, ""
	}
	return c.symbol, ""
}
