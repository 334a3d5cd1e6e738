package sandbox

import "net/http"

// followLink is the page of a payment link (CONTRACT 2, H3): it sends the customer to the payment page of an order, or
// says that the link is over.
func (p *hostedPage) followLink(w http.ResponseWriter, r *http.Request) {
	l, err := p.gateway.links.find(r.PathValue("id"))
	if err != nil {
		p.say(w, http.StatusNotFound, english(),
			"There is no such payment link", "Check the address, or ask the shop for a new link.")
		return
	}
	orderID, state, err := p.gateway.follow(l)
	if err != nil {
		p.gateway.log.ErrorContext(r.Context(), "payment link failed", "err", err)
		p.say(w, http.StatusInternalServerError, english(), "Something went wrong", "Please try again.")
		return
	}
	if orderID == "" {
		title, text := overMessage(state.status)
		p.say(w, http.StatusGone, english(), title, text)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, pagePath(orderID), http.StatusSeeOther)
}

// overMessage says why a link cannot be paid any more.
func overMessage(status string) (title, text string) {
	switch status {
	case linkCompleted:
		return "This payment link is paid", "There is nothing left to pay."
	case linkExpired:
		return "This payment link has expired", "Ask the shop for a new link."
	default:
		return "This payment link was tried too often", "Ask the shop for a new link."
	}
}
