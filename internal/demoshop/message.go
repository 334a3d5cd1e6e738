package demoshop

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// messageView is a page that says one thing.
type messageView struct {
	frame
	Text  string
	Again url.Values // a form to be sent once more; empty if there is none
	To    string     // path that it is sent to
}

func (s *shop) say(w http.ResponseWriter, r *http.Request, status int, what func(messageTexts) verdictText) {
	f := s.frame(r)
	message := what(f.T.Messages)
	f.Title = message.Title
	if r.Method == http.MethodPost {
		f.Home = "/"
	}
	s.render(w, r, status, "message.html", messageView{frame: f, Text: message.Text})
}

// sayUnsure says that nobody knows whether an order was made, and offers to send the same form again, which takes that
// order if there is one. A new form would make another.
func (s *shop) sayUnsure(w http.ResponseWriter, r *http.Request) {
	f := s.frame(r)
	message := f.T.Messages.Unsure
	f.Title, f.Home = message.Title, "/"
	view := messageView{frame: f, Text: message.Text, Again: r.PostForm, To: r.URL.Path}
	s.render(w, r, http.StatusBadGateway, "message.html", view)
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
