package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// maxCell bounds a text of the shop's or the gateway's in a table, in characters.
const maxCell = 40

// cell makes a text of somebody else's fit for a table on a terminal: short, one line, and without the characters that
// move its cursor.
func cell(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	runes := []rune(oneLine(*text))
	if len(runes) > maxCell {
		runes = append(runes[:maxCell-1], '…')
	}
	return string(runes)
}

// oneLine replaces all that does not leave ink.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// money writes an amount with its currency: 12.95 EUR.
func money(minor *int64, currency *string) string {
	if minor == nil || currency == nil {
		return "-"
	}
	return nopayn.FormatAmount(*minor, *currency) + " " + cell(currency)
}

// ship says whether the goods may leave, and if not, why.
func ship(fulfillable bool, holds []payment.Hold) string {
	if fulfillable {
		return "yes"
	}
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = string(h)
	}
	return "no: " + strings.Join(words, ", ")
}

// age says in one number how long ago t was.
func age(t *time.Time, now time.Time) string {
	if t == nil {
		return "-"
	}
	switch d := max(now.Sub(*t), 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}
