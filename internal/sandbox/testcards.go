package sandbox

import "strings"

// TestCard is a test card of CONTRACT 7.2 as a person sees it.
type TestCard struct {
	Number  string // its digits
	Grouped string // the number in groups of four
	Brand   string
	Outcome string // in a few words, the one-time codes included
	Decline bool
}

// TestCards returns the test cards the payment page shows.
func TestCards() []TestCard {
	var shown []TestCard
	said := english().words
	for _, c := range testCards() {
		if !c.hidden {
			shown = append(shown, TestCard{c.number, c.grouped(), c.title, strings.Join(c.outcomes(&said), ", "), c.decline != nil})
		}
	}
	return shown
}

// IsTestCard reports whether [Gateway.Pay] takes a card with this number.
func IsTestCard(number string) bool {
	_, known := findCard(number)
	return known
}
