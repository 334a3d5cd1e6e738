package sandbox

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	expiryPattern = regexp.MustCompile(`^(0[1-9]|1[0-2]) ?/? ?(?:20)?([0-9]{2})$`)
	cvcPattern    = regexp.MustCompile(`^[0-9]{3}$`)
	amexCVC       = regexp.MustCompile(`^[0-9]{3,4}$`) // Amex prints four digits, and the contract allows any three
	digitsPattern = regexp.MustCompile(`^[0-9]{12,19}$`)
)

// cardForm is what a customer typed.
type cardForm struct {
	Number, Expiry, CVC string
}

// cardErrors says what is wrong with the fields of a form.
type cardErrors struct {
	Number, Expiry, CVC string
}

func (e cardErrors) any() bool { return e != cardErrors{} }

// filledForm returns the form as somebody with this card would fill it in.
func (c card) filledForm(now time.Time) cardForm {
	return cardForm{Number: c.grouped(), Expiry: now.AddDate(2, 0, 0).Format("01 / 06"), CVC: "123"}
}

// attempt returns the payment the form asks for, or what is wrong with it. A number that is no test card is refused
// here, so that nothing of a real card is kept, should somebody type one.
func (f cardForm) attempt(now time.Time, w *words) (try attempt, wrong cardErrors) {
	number := bareNumber(f.Number)
	c, known := findCard(number)
	switch {
	case known:
	case !digitsPattern.MatchString(number), !luhn(number):
		wrong.Number = w.NotANumber
	default:
		wrong.Number = w.NotATestCard
	}
	expiry, ok := parseExpiry(f.Expiry)
	switch {
	case !ok:
		wrong.Expiry = w.WriteExpiry
	case !now.Before(expiry.AddDate(0, 1, 0)):
		wrong.Expiry = w.CardExpired
	}
	cvc := strings.TrimSpace(f.CVC)
	switch {
	case c.brand == brandAmex && !amexCVC.MatchString(cvc):
		wrong.CVC = w.WriteAmexCVC
	case c.brand != brandAmex && !cvcPattern.MatchString(cvc):
		wrong.CVC = w.WriteCVC
	}
	if wrong.any() {
		return attempt{}, wrong
	}
	return c.attempt(expiry), wrong
}

// shownAgain returns what the page writes back into a form that had a mistake: nothing that could be of a real card.
func (f cardForm) shownAgain() cardForm {
	if c, known := findCard(f.Number); known {
		return cardForm{Number: c.grouped(), Expiry: f.Expiry}
	}
	return cardForm{}
}

// parseExpiry returns the first moment of the month a card expires in.
func parseExpiry(typed string) (month time.Time, ok bool) {
	parts := expiryPattern.FindStringSubmatch(strings.TrimSpace(typed))
	if parts == nil {
		return time.Time{}, false
	}
	m, _ := strconv.Atoi(parts[1]) // the pattern lets digits through only
	y, _ := strconv.Atoi(parts[2])
	return time.Date(2000+y, time.Month(m), 1, 0, 0, 0, 0, time.UTC), true
}

// walletAttempt returns a payment with a method that has no form here. The customer says what the wallet would answer.
func walletAttempt(method string, approved bool) attempt {
	try := attempt{method: method, details: map[string]any{"transaction_reference": "SB-" + newID()[:8]}}
	if !approved {
		try.decline = refusedInWallet()
	}
	return try
}
