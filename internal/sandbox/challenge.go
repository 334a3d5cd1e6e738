package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrWrongCode is the answer to a code that neither confirms nor fails a card's payment: another may be tried.
var ErrWrongCode = errors.New("wrong code")

// maxCodes is how many codes a customer may try before the payment fails.
const maxCodes = 3

// challenge is a card's bank asking the customer for a code (3DS). It is open only while its transaction is pending and
// its order processing, whatever made an end of that.
type challenge struct {
	transaction string
	card        card
	wrong       int // codes so far
}

func (c challenge) triesLeft() int { return maxCodes - c.wrong }

// Challenge has the customer answer the question for a code that Pay with one of the CardChallenge cards has left open.
// The card's one code takes the order to completed, its other one to error (CONTRACT 7.2), and so does the third that
// is neither; the two before that are refused with [ErrWrongCode], and change nothing. It is an error to answer when
// nothing was asked.
func (g *Gateway) Challenge(id, code string) error {
	c, open := g.openChallenge(id)
	if !open {
		return fmt.Errorf("answer the challenge of order %s: none is open", id)
	}
	return g.answerChallenge(id, c.transaction, code)
}

// answerChallenge answers the question asked for a transaction.
func (g *Gateway) answerChallenge(id, transaction, code string) error {
	code = strings.TrimSpace(code)
	return g.endChallenge(id, transaction, func(o *order, tx document, now time.Time) error {
		switch c := o.challenge; {
		case code == "":
			return ErrWrongCode // nothing was tried
		case code == c.card.codes.confirm:
			o.complete(tx, c.card.brand, now)
			g.keepCard(tx, now)
			return nil
		case code == c.card.codes.fail, c.triesLeft() == 1:
			o.fail(tx, notAuthenticated(), now)
			return nil
		default:
			c.wrong++ // shown by no GET
			return ErrWrongCode
		}
	})
}

// refuseChallenge has the customer not answer, which fails the payment.
func (g *Gateway) refuseChallenge(id, transaction string) error {
	return g.endChallenge(id, transaction, func(o *order, tx document, now time.Time) error {
		o.fail(tx, notAuthenticated(), now)
		return nil
	})
}

func (g *Gateway) endChallenge(id, transaction string, end func(o *order, tx document, now time.Time) error) error {
	return g.changeAndTell(id, func(o *order, now time.Time) error {
		tx := o.challenged()
		if tx == nil || tx.text("id") != transaction {
			return impossible("no confirmation is open for this transaction")
		}
		return end(o, tx, now)
	})
}

// openChallenge returns the question an order waits with, if there is one.
func (g *Gateway) openChallenge(id string) (c challenge, open bool) {
	o, err := g.orders.find(id)
	if err != nil {
		return challenge{}, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.challenged() == nil {
		return challenge{}, false
	}
	return *o.challenge, true
}

// ask leaves the order processing until the customer has answered for tx.
func (o *order) ask(c card, tx document) {
	o.challenge = &challenge{transaction: tx.text("id"), card: c}
	o.doc["status"] = statusProcessing
	o.givePage(tx)
	delete(o.doc, "customer_messages")
}

// challenged returns the transaction of the open challenge, nil when none is open. The caller holds o.mu.
func (o *order) challenged() document {
	if o.challenge == nil || o.doc.text("status") != statusProcessing {
		return nil
	}
	for _, tx := range o.doc.transactions() {
		if tx.text("id") == o.challenge.transaction && tx.text("status") == txPending {
			return tx
		}
	}
	return nil
}

// giveUpChallenge ends an open challenge for the sake of another attempt.
func (o *order) giveUpChallenge(now time.Time) {
	tx := o.challenged()
	if tx == nil {
		return
	}
	tx.move(txCancelled, now)
	tx["reason"] = reasonNotAuthenticated
	delete(tx, "payment_url")
}
