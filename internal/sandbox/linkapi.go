package sandbox

import (
	"maps"
	"net/http"
	"time"
)

// createLink makes a payment link. The gateway mails it to nobody, other than the real one (CONTRACT 2.10).
func (g *Gateway) createLink(w http.ResponseWriter, r *http.Request) error {
	asked, err := readRequest(w, r, "Payment link", g.rules.link)
	if err != nil {
		return err
	}
	return g.showLink(w, http.StatusCreated, g.newLink(asked))
}

func (g *Gateway) getLink(w http.ResponseWriter, r *http.Request) error {
	l, err := g.links.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	return g.showLink(w, http.StatusOK, l)
}

func (g *Gateway) showLink(w http.ResponseWriter, status int, l *link) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, err := g.linkState(l)
	if err != nil {
		return err
	}
	shown := maps.Clone(l.fields)
	shown["id"] = l.id
	shown["payment_url"] = g.linkPage(l.id)
	shown["status"] = state.status
	shown["reason"] = state.reason
	shown["orders"] = state.orders
	shown["created"] = linkStamp(l.created)
	shown["modified"] = linkStamp(state.modified)
	if state.completed != "" {
		shown["completed"] = state.ended
		shown["completed_order_id"] = state.completed
	}
	return writeObject(w, status, shown)
}

// linkStamp writes a time as the gateway does in payment links: microseconds, UTC as Z (CONTRACT 1.6).
func linkStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// linkPage returns the address of a payment link.
func (g *Gateway) linkPage(id string) string {
	return *g.publicURL.Load() + "/paymentlinks/" + id + "/"
}
