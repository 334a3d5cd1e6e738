package sandbox

import "strings"

// The test cards of CONTRACT 7.1 and 7.2, for [Gateway.Pay].
const (
	CardVisa              = "4111111111111111" // paid
	CardMastercard        = "5544330000000037" // paid
	CardDoNotHonor        = "4111111111111105" // declined
	CardInsufficientFunds = "4111111111111151" // declined
	CardStolen            = "4111111111111143" // declined
)

// card is a test card and what its bank answers.
type card struct {
	number  string
	brand   string
	title   string // the brand for people
	decline *decline
	hidden  bool // not shown on the page
}

// decline is a bank's no.
type decline struct {
	code    string // of the card scheme
	phrase  string
	reason  string // machine-readable, for the shop
	message string // for the customer
}

// testCards returns the cards the gateway knows (CONTRACT 7.2). The declined ones do not pass the Luhn check, so a
// number is looked up here before anything else is asked of it.
func testCards() []card {
	const rejected = "ERROR_TRANSACTION_REJECTED_BY_CARD_PROCESSOR"
	doNotHonor := &decline{
		"05", "Do not honor", rejected,
		"Your bank declined the payment. Try another card, or ask your bank.",
	}
	noFunds := &decline{
		"51", "Insufficient funds", rejected,
		"There is not enough money on this card. Try another card.",
	}
	stolen := &decline{
		"43", "Stolen card", rejected,
		"This card cannot be used. Try another card.",
	}
	return []card{
		{number: CardVisa, brand: "visa", title: "Visa"},
		{number: CardMastercard, brand: "mastercard", title: "Mastercard"},
		{number: CardDoNotHonor, brand: "visa", title: "Visa", decline: doNotHonor},
		{number: CardInsufficientFunds, brand: "visa", title: "Visa", decline: noFunds},
		{number: CardStolen, brand: "visa", title: "Visa", decline: stolen},
		{number: "4462030000000000", brand: "visa", title: "Visa"},
		{number: "4018810000100036", brand: "visa", title: "Visa"},
		{number: "5420711000210016", brand: "mastercard", title: "Mastercard"},
		// The Mastercard as it is often printed, with 13 digits (CONTRACT 11, C15).
		{number: "5544330000037", brand: "mastercard", title: "Mastercard", hidden: true},
	}
}

// findCard returns the test card with this number; spaces in it do not matter.
func findCard(number string) (c card, known bool) {
	number = strings.ReplaceAll(number, " ", "")
	for _, c := range testCards() {
		if c.number == number {
			return c, true
		}
	}
	return card{}, false
}

// outcome says in two or three words what the card's bank answers.
func (c card) outcome() string {
	if c.decline == nil {
		return "Paid"
	}
	return c.decline.phrase
}

// grouped returns the number in groups of four digits.
func (c card) grouped() string {
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
