package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// language is one the payment page speaks, and the customer messages of the API.
type language struct {
	tag    string // of BCP 47, for the page
	amount amountStyle
	words  words
}

// amountStyle is how a language writes an amount.
type amountStyle struct {
	group, point string // between thousands, and before the fraction
	behind       bool   // the currency stands behind the digits
	gap          bool   // a space stands between a currency's sign in front and the digits
	krone        string // the currency that needs no more than kr; empty when there is none
}

// noBreak is a space that keeps what is around it on one line.
const noBreak = "\u00a0"

// language returns the language of an order, which its locale names (CONTRACT 9.1).
func (d document) language() language { return languageOf(d.text("locale")) }

// languageOf returns the language for a locale such as nl-BE, nl_NL or nb: the country makes no difference. A language
// the page does not speak gives way to English.
func languageOf(locale string) language {
	spoken, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
	switch spoken {
	case "da":
		return danish()
	case "de":
		return german()
	case "fr":
		return french()
	case "it":
		return italian()
	case "nl":
		return dutch()
	case "nb", "nn", "no":
		return norwegian()
	case "sv":
		return swedish()
	default:
		return english()
	}
}

// money writes an amount in minor units for people: €1,234.50, 1.234,50 €.
func (l language) money(minor int64, currency string) string {
	minus := ""
	digits, negative := strings.CutPrefix(strconv.FormatInt(minor, 10), "-")
	if negative {
		minus = "−"
	}
	behind := decimals(currency)
	for len(digits) <= behind {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-behind], digits[len(digits)-behind:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + l.amount.group + whole[i:]
	}
	if behind > 0 {
		whole += l.amount.point + fraction
	}
	sign, short := l.sign(currency)
	switch {
	case l.amount.behind:
		return minus + whole + noBreak + sign
	case short && !l.amount.gap:
		return minus + sign + whole
	default:
		return minus + sign + noBreak + whole
	}
}

// sign returns what stands for a currency beside an amount, and whether that is a sign and not its code.
func (l language) sign(currency string) (sign string, short bool) {
	switch currency {
	case "EUR":
		return "€", true
	case "GBP":
		return "£", true
	case "USD":
		return "$", true
	case l.amount.krone:
		return "kr", true
	default:
		return currency, false
	}
}

// span writes a duration for people, in its largest unit.
func (l language) span(d time.Duration) string {
	const day = 24 * time.Hour
	format, unit := l.words.Minutes, time.Minute
	switch {
	case d >= 2*day:
		format, unit = l.words.Days, day
	case d >= 2*time.Hour:
		format, unit = l.words.Hours, time.Hour
	}
	return fmt.Sprintf(format, strconv.Itoa(int(d.Round(unit)/unit)))
}

// moment writes a time for people, in UTC: the gateway does not know where they are.
func (l language) moment(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf(l.words.Moment, strconv.Itoa(t.Day()), l.words.Months[t.Month()-1], t.Format("15:04"))
}
