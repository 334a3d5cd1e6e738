package sandbox

import (
	"testing"

	"webhookd/internal/nopayn"
)

// TestTheClientCountsDigitsLikewise compares two tables that were written apart: this one to the contract, and the
// client's.
func TestTheClientCountsDigitsLikewise(t *testing.T) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				if ours, theirs := decimals(code), nopayn.Digits(code); ours != theirs {
					t.Errorf("%s has %d digits here and %d at the client", code, ours, theirs)
				}
			}
		}
	}
}
