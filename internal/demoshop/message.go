package demoshop

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// messageView is a page that says one thing.
type messageView struct {
	frame
	Text string
}

func (s *shop) say(w http.ResponseWriter, r *http.Request, status int, what func(messageTexts) verdictText) {
	f := s.frame(r)
	message := what(f.T.Messages)
	f.Title = message.Title
	if r.Method == http.MethodPost {
		f.Home = "/"
	}
	s.render(w, r, status, "message.html", messageView{f, message.Text})
}

func (s *shop) notFound(w http.ResponseWriter, r *http.Request) {
	s.say(w, r, http.StatusNotFound, func(m messageTexts) verdictText { return m.NotFound })
}

func (s *shop) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
			w.Header().Add("Allow", method)
		}
	}
	s.say(w, r, http.StatusMethodNotAllowed, func(m messageTexts) verdictText { return m.NotPossible })
}
