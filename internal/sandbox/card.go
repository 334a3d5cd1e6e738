package sandbox

import (
	"fmt"
	"strings"
)

// The test cards of CONTRACT 7.1 and 7.2, for [Gateway.Pay].
const (
	CardVisa              = "4111111111111111" // paid
	CardMastercard        = "5544330000000037" // paid
	CardAmex              = "375987000169677"  // paid
	CardDiners            = "36849800000679"   // paid
	CardDoNotHonor        = "4111111111111105" // declined
	CardInsufficientFunds = "4111111111111151" // declined
	CardStolen            = "4111111111111143" // declined

	// These ask for a code, see [Gateway.Challenge].
	CardChallengeVisa       = "4018810000150015" // 0101 confirms, 3333 fails
	CardChallengeMastercard = "5299910010000015" // 4445 confirms, 9999 fails
	CardChallengeAmex       = "375987000000005"  // 5678 confirms, 3333 fails
	CardChallengeDiscover   = "6011947300799885" // 5678 confirms, 3333 fails
)

// The brands of the test cards, as payment_method_brand names them.
const (
	brandVisa       = "visa"
	brandMastercard = "mastercard"
	brandAmex       = "amex"
	brandDiners     = "diners"
	brandDiscover   = "discover"
)

// card is a test card and what its bank answers.
type card struct {
	number  string
	brand   string
	title   string   // the brand for people
	decline *decline // nil when the bank agrees
	codes   *codes   // nil when the bank asks for none
	hidden  bool     // not shown on the page
}

// codes are the answers to a card's confirmation that its bank knows (CONTRACT 7.2).
type codes struct {
	confirm, fail string
}

// testCards returns the cards the gateway knows (CONTRACT 7.2). The declined ones do not pass the Luhn check, so a
// number is looked up here before anything else is asked of it.
func testCards() []card {
	return []card{
		{number: CardVisa, brand: brandVisa, title: "Visa"},
		{number: CardMastercard, brand: brandMastercard, title: "Mastercard"},
		{number: "4462030000000000", brand: brandVisa, title: "Visa"},
		{number: "4018810000100036", brand: brandVisa, title: "Visa"},
		{number: "5420711000210016", brand: brandMastercard, title: "Mastercard"},
		{number: CardAmex, brand: brandAmex, title: "Amex"},
		{number: CardDiners, brand: brandDiners, title: "Diners"},
		{number: CardDoNotHonor, brand: brandVisa, title: "Visa", decline: doNotHonor()},
		{number: CardInsufficientFunds, brand: brandVisa, title: "Visa", decline: insufficientFunds()},
		{number: CardStolen, brand: brandVisa, title: "Visa", decline: stolenCard()},
		{number: CardChallengeVisa, brand: brandVisa, title: "Visa", codes: &codes{"0101", "3333"}},
		{number: CardChallengeMastercard, brand: brandMastercard, title: "Mastercard", codes: &codes{"4445", "9999"}},
		{number: CardChallengeAmex, brand: brandAmex, title: "Amex", codes: &codes{"5678", "3333"}},
		{number: CardChallengeDiscover, brand: brandDiscover, title: "Discover", codes: &codes{"5678", "3333"}},
		// The Mastercard as it is often printed, with 13 digits (CONTRACT 11, C15).
		{number: "5544330000037", brand: brandMastercard, title: "Mastercard", hidden: true},
	}
}

// findCard returns the test card with this number; spaces and hyphens in it do not matter.
func findCard(number string) (c card, known bool) {
	number = bareNumber(number)
	for _, c := range testCards() {
		if c.number == number {
			return c, true
		}
	}
	return card{}, false
}

// bareNumber returns a card number without what people put between its digits.
func bareNumber(typed string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(typed)
}

// outcomes says in a few words each what the card's bank may answer.
func (c card) outcomes(w *words) []string {
	switch {
	case c.decline != nil:
		return []string{c.decline.brief(w)}
	case c.codes != nil:
		return []string{fmt.Sprintf(w.CodeConfirms, c.codes.confirm), fmt.Sprintf(w.CodeFails, c.codes.fail)}
	default:
		return []string{w.Paid}
	}
}

// lastFour returns what may be shown of the card's number.
func (c card) lastFour() string { return c.number[len(c.number)-4:] }

// grouped returns the number as it stands on the card: in fours, or as 4-6-5 and 4-6-4 on Amex and Diners.
func (c card) grouped() string {
	if c.brand == brandAmex || c.brand == brandDiners {
		return c.number[:4] + " " + c.number[4:10] + " " + c.number[10:]
	}
	var b strings.Builder
	for i, digit := range c.number {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// luhn reports whether the digits pass the check that real card numbers pass.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}
