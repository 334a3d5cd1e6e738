package demoshop

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// message is a page that says one thing.
type message struct{ Title, Text string }

type messageView struct {
	frame
	Text string
}

func (s *shop) say(w http.ResponseWriter, r *http.Request, status int, m message) {
	s.render(w, r, status, "message.html", messageView{frame{Title: m.Title}, m.Text})
}

func (s *shop) notFound(w http.ResponseWriter, r *http.Request) {
	s.say(w, r, http.StatusNotFound, message{
		Title: "There is nothing here",
		Text:  "The address is wrong, or the shop has forgotten the order: it remembers nothing across a restart.",
	})
}

func (s *shop) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
			w.Header().Add("Allow", method)
		}
	}
	s.say(w, r, http.StatusMethodNotAllowed, message{
		Title: "That is not possible here",
		Text:  "This address does something else.",
	})
}
