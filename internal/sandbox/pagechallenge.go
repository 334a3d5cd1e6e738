package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// challengeView is the page on which a card's bank asks for a code.
type challengeView struct {
	frame
	summary
	Path      string
	Brand     string
	LastFour  string
	Codes     []string
	Wrong     bool // the last code
	TriesLeft string
}

func (p *hostedPage) showChallenge(w http.ResponseWriter, r *http.Request) {
	doc, ok := p.order(w, r)
	if !ok {
		return
	}
	c, open := p.gateway.openChallenge(doc.text("id"))
	if !open || c.transaction != r.PathValue("transaction") { // answered, given up or too late: the order's page tells
		http.Redirect(w, r, pagePath(doc.text("id")), http.StatusSeeOther)
		return
	}
	p.render(w, http.StatusOK, "challenge.html", p.challengeView(doc, c))
}

func (p *hostedPage) answerChallenge(w http.ResponseWriter, r *http.Request) {
	doc, ok := p.orderOfForm(w, r)
	if !ok {
		return
	}
	id, transaction := doc.text("id"), r.PathValue("transaction")
	var err error
	if r.PostForm.Get("answer") == "refuse" {
		err = p.gateway.refuseChallenge(id, transaction)
	} else {
		err = p.gateway.answerChallenge(id, transaction, r.PostForm.Get("otp"))
	}
	c, open := p.gateway.openChallenge(id)
	if !errors.Is(err, ErrWrongCode) || !open {
		p.leave(w, r, withoutWrongCode(err))
		return
	}
	view := p.challengeView(doc, c)
	view.Wrong = true
	view.Title = view.W.Mistake + ": " + view.Title
	p.render(w, http.StatusUnprocessableEntity, "challenge.html", view)
}

// withoutWrongCode drops the error of a wrong code: another request has ended the challenge since.
func withoutWrongCode(err error) error {
	if errors.Is(err, ErrWrongCode) {
		return nil
	}
	return err
}

func (p *hostedPage) challengeView(doc document, c challenge) challengeView {
	l := doc.language()
	return challengeView{
		frame:     p.frame(l, l.words.Confirm),
		summary:   p.summary(doc, l),
		Path:      challengePath(doc.text("id"), c.transaction),
		Brand:     c.card.title,
		LastFour:  c.card.lastFour(),
		Codes:     c.card.outcomes(&l.words),
		TriesLeft: fmt.Sprintf(l.words.TriesLeft, strconv.Itoa(c.triesLeft())),
	}
}
