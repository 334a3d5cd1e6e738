package sandbox

import (
	"net/http"
	"regexp"
)

// monthPattern matches a month as MMYY.
func monthPattern() *regexp.Regexp { return regexp.MustCompile(`^(0[1-9]|1[0-2])[0-9]{2}$`) }

// createToken serves the card form of a shop: it takes a card and answers with a token that stands for it. No key comes
// with it; the setup token of an order's transaction allows it (CONTRACT 1.2). A number that is no test card is refused
// and not kept; so is every card of a production project, which takes no test cards.
func (g *Gateway) createToken(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Card", g.rules.token)
	if err != nil {
		return err
	}
	if !g.vault.knowsForm(asked.text("setup_token")) {
		return errNoForm()
	}
	c, known := findCard(asked.text("pan"))
	if !known || g.production {
		return invalid("pan", "Number of the card", "is no test card of this gateway")
	}
	now := g.clock.Now()
	month, ok := parseExpiry(asked.text("expiry_date"))
	if !ok || !now.Before(month.AddDate(0, 1, 0)) {
		return invalid("expiry_date", "Last month of the card", "the card has expired")
	}
	try := c.attempt(month)
	token := g.vault.keep(vaultCard{brand: try.brand, details: try.details, decline: try.decline}, now)
	return writeObject(w, http.StatusOK, map[string]any{"vault_token": token})
}
