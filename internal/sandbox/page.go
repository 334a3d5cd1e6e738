package sandbox

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
)

//go:embed page
var pageFiles embed.FS

// maxForm is the longest form that is read, in bytes.
const maxForm = 16 << 10

// contentPolicy lets the page load its own style, script and icon and nothing else. Its form-action names no host:
// browsers hold the redirect after a form against it, and that one leads to the shop, which may redirect further.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; form-action http: https:"

// hostedPage is the payment page (CONTRACT 2, H1 and H2). It works without its script.
type hostedPage struct {
	gateway *Gateway
	views   *template.Template
}

func (g *Gateway) pageRoutes(r chi.Router) {
	p := &hostedPage{gateway: g, views: template.Must(template.ParseFS(pageFiles, "page/*.html"))}
	assets, err := fs.Sub(pageFiles, "page/assets")
	if err != nil { // cannot be: the folder is embedded
		panic(err)
	}
	r.Handle("/pay/assets/*", http.StripPrefix("/pay/assets/", http.FileServerFS(assets)))
	r.Group(func(r chi.Router) {
		r.Use(http.NewCrossOriginProtection().Handler)
		r.Get("/pay/{id}", p.show)
		r.Get("/pay/{id}/select-payment-method", p.show)
		r.Get("/pay/{id}/select-payment-method/{method}/{transaction}", p.show)
		r.Post("/pay/{id}/select-payment-method", p.pay)
		r.Post("/pay/{id}/cancel", p.cancel)
		r.Get("/pay/{id}/select-payment-method/credit-card/{transaction}/challenge", p.showChallenge)
		r.Post("/pay/{id}/select-payment-method/credit-card/{transaction}/challenge", p.answerChallenge)
		r.Get("/paymentlinks/{id}", p.followLink)
		r.Get("/redirect/{transaction}/to/payment", p.followTransaction)
	})
}

func (p *hostedPage) show(w http.ResponseWriter, r *http.Request) {
	doc, ok := p.order(w, r)
	if !ok {
		return
	}
	chosen := r.PathValue("method")
	form := cardForm{}
	if c, known := findCard(r.URL.Query().Get("card")); known {
		chosen, form = methodCard, c.filledForm(p.gateway.clock.Now())
	}
	p.render(w, http.StatusOK, "pay.html", p.view(doc, chosen, form))
}

func (p *hostedPage) pay(w http.ResponseWriter, r *http.Request) {
	doc, ok := p.orderOfForm(w, r)
	if !ok {
		return
	}
	// A customer who comes late learns what became of the order, and not what was wrong in the form.
	if !doc.payable() {
		p.leave(w, r, nil)
		return
	}
	form := cardForm{Number: r.PostForm.Get("number"), Expiry: r.PostForm.Get("expiry"), CVC: r.PostForm.Get("cvc")}
	view := p.view(doc, r.PostForm.Get("method"), form.shownAgain())
	var try attempt
	if view.Chosen == methodCard {
		if try, view.Errors = form.attempt(p.gateway.clock.Now(), &view.W); view.Errors.any() {
			view.Title = view.W.Mistake + ": " + view.Title
			p.render(w, http.StatusUnprocessableEntity, "pay.html", view)
			return
		}
	} else {
		try = walletAttempt(view.Chosen, r.PostForm.Get("outcome") != "refuse")
	}
	try.form = r.PostForm.Get("form")
	p.leave(w, r, p.gateway.pay(doc.text("id"), try))
}

func (p *hostedPage) cancel(w http.ResponseWriter, r *http.Request) {
	if doc, ok := p.order(w, r); ok {
		p.leave(w, r, p.gateway.Cancel(doc.text("id")))
	}
}

// leave sends the customer on after a form: to the shop, if the order names a place there for what became of it, else
// back to the page, which says so; or to the card's bank, if that has a question. A refusal is no matter: someone was
// faster, or the form was sent twice, and the order shows what happened.
func (p *hostedPage) leave(w http.ResponseWriter, r *http.Request, err error) {
	doc, ok := p.order(w, r)
	if !ok {
		return
	}
	var late *refusal
	if err != nil && !errors.As(err, &late) {
		p.gateway.log.ErrorContext(r.Context(), "hosted page failed", "err", err)
		l := doc.language()
		p.say(w, http.StatusInternalServerError, l, l.words.Broken, l.words.BrokenText)
		return
	}
	to := doc.shopURL()
	if to == "" {
		to = pagePath(doc.text("id"))
	}
	if c, open := p.gateway.openChallenge(doc.text("id")); open {
		to = challengePath(doc.text("id"), c.transaction)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// shopURL returns the place in the shop where the customer goes in the order's present state; empty when it names none
// or the state has none. The gateway's own order_id and project_id are put behind whatever query the shop's URL has,
// also when that has an order_id already (CONTRACT 8).
func (d document) shopURL() string {
	var back string
	switch d.text("status") {
	case statusCompleted:
		back = d.text("return_url")
	case statusError, statusCancelled, statusExpired:
		back = d.text("failure_url")
	}
	u, err := url.Parse(back)
	if back == "" || err != nil {
		return ""
	}
	own := url.Values{"order_id": {d.text("id")}, "project_id": {d.text("project_id")}}.Encode()
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+own, "&")
	return u.String()
}

// order returns the order the request is about, or answers that there is none.
func (p *hostedPage) order(w http.ResponseWriter, r *http.Request) (document, bool) {
	doc, err := p.gateway.Document(r.PathValue("id"))
	if err != nil {
		l := english() // the order would name the language
		p.say(w, http.StatusNotFound, l, l.words.NoOrder, l.words.NoOrderText)
		return nil, false
	}
	return doc, true
}

// orderOfForm is order for a request that brings a form, which it reads.
func (p *hostedPage) orderOfForm(w http.ResponseWriter, r *http.Request) (document, bool) {
	doc, ok := p.order(w, r)
	if !ok {
		return nil, false
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		l := doc.language()
		p.say(w, http.StatusBadRequest, l, l.words.Unreadable, l.words.UnreadableText)
		return nil, false
	}
	return doc, true
}

// say answers with a page that says one thing.
func (p *hostedPage) say(w http.ResponseWriter, status int, l language, title, text string) {
	p.render(w, status, "message.html", messageView{p.frame(l, title), text})
}

func (p *hostedPage) render(w http.ResponseWriter, status int, view string, data any) {
	var page bytes.Buffer
	if err := p.views.ExecuteTemplate(&page, view, data); err != nil {
		p.gateway.log.Error("hosted page failed", "view", view, "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // without an origin the browser's own form would look foreign
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // fails only when the client has left
}

// followTransaction leads from the older address of a transaction's page to the present one (CONTRACT 2, H2).
func (p *hostedPage) followTransaction(w http.ResponseWriter, r *http.Request) {
	to, ok := p.gateway.orders.pageOf(r.PathValue("transaction"))
	if !ok {
		l := english() // the order would name the language
		p.say(w, http.StatusNotFound, l, l.words.NoOrder, l.words.NoOrderText)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// pagePath returns the path of an order's page: forms use it, so that they stay on the host the customer came by.
func pagePath(id string) string { return "/pay/" + id + "/select-payment-method/" }

// challengePath returns the path of the page where the card's bank asks for a code.
func challengePath(id, transaction string) string {
	return pagePath(id) + methodCard + "/" + transaction + "/challenge/"
}
