package sandbox

import (
	"maps"
	"sync"
	"time"
)

// vault holds cards for later payments, by token. It holds test cards only, as a brand and the last digits.
type vault struct {
	mu    sync.Mutex
	cards map[string]vaultCard
	forms map[string]bool // setup tokens
}

// vaultCard is a card that can be charged without its owner.
type vaultCard struct {
	brand   string
	details map[string]any // payment_method_details
	decline *decline       // what its bank answers; nil when it pays
	first   string         // first_transaction_id; empty for a card that has paid nothing yet
	until   time.Time
}

func newVault() *vault {
	return &vault{cards: make(map[string]vaultCard), forms: make(map[string]bool)}
}

// keep stores a card for the longest time the contract allows, a year (CONTRACT 2.1), and returns its token.
func (v *vault) keep(c vaultCard, now time.Time) (token string) {
	c.until = now.AddDate(1, 0, 0)
	token = newID()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cards[token] = c
	return token
}

func (v *vault) find(token string, now time.Time) (c vaultCard, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c, known = v.cards[token]
	return c, known && now.Before(c.until)
}

// openForm returns a setup token, with which one card form may ask for tokens.
func (v *vault) openForm() (setupToken string) {
	setupToken = newID()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forms[setupToken] = true
	return setupToken
}

func (v *vault) knowsForm(setupToken string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.forms[setupToken]
}

// keepCard stores the card of a first payment that went through, and says so in its transaction. Requests have
// vault_token and first_transaction_id in the transaction, reads have a vault_token in its payment_method_details
// (CONTRACT 2.1, 2.5); here it stands in both places.
func (g *Gateway) keepCard(tx document, now time.Time) {
	if tx.text("recurring_type") != "first" || tx.text("payment_method") != methodCard {
		return
	}
	details, _ := tx["payment_method_details"].(map[string]any)
	token := g.vault.keep(vaultCard{
		brand:   tx.text("payment_method_brand"),
		details: maps.Clone(details),
		first:   tx.text("id"),
	}, now)
	tx["vault_token"] = token
	tx["first_transaction_id"] = tx["id"]
	tx["payment_method_details"] = withMember(details, "vault_token", token)
}

// offerCardForm gives a transaction the setup token that its request asked for.
func (g *Gateway) offerCardForm(tx, wanted document) {
	details, _ := wanted["payment_method_details"].(map[string]any)
	if details["setup_token"] == true {
		tx["payment_method_details"] = map[string]any{"setup_token": g.vault.openForm()}
	}
}

// storedCard returns the card that a transaction of a request is to be paid with. Only a recurring payment must name
// one; the refusal of another names the member below path.
func (g *Gateway) storedCard(wanted document, path string, now time.Time) (c vaultCard, err error) {
	const aboutToken, aboutFirst = "Stored card", "First payment of the series"
	token := wanted.text("vault_token")
	if token == "" {
		if wanted.text("recurring_type") == "recurring" {
			return c, invalid(member(path, "vault_token"), aboutToken, "is required for a recurring payment")
		}
		return c, nil
	}
	c, known := g.vault.find(token, now)
	if !known {
		return c, invalid(member(path, "vault_token"), aboutToken, "is unknown or older than a year")
	}
	first := wanted.text("first_transaction_id")
	if first != "" && c.first != "" && first != c.first {
		return c, invalid(member(path, "first_transaction_id"), aboutFirst, "belongs to another card")
	}
	return c, nil
}

// repeat pays the order with a stored card, at once and without its owner. The order has no page (CONTRACT 2.1).
func (o *order) repeat(tx document, c vaultCard) {
	delete(o.doc, "order_url")
	tx["payment_method_details"] = maps.Clone(c.details)
	tx.move(txPending, o.created)
	if c.decline != nil {
		o.fail(tx, c.decline, o.created)
		return
	}
	o.complete(tx, c.brand, o.created)
}

// withMember returns a copy of an object with one more member.
func withMember(object map[string]any, name string, value any) map[string]any {
	more := maps.Clone(object)
	if more == nil {
		more = make(map[string]any)
	}
	more[name] = value
	return more
}
