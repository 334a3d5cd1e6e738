package sandbox

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// maxBody is the longest request body that is read, in bytes.
const maxBody = 1 << 20

// routes returns the whole surface: API, hosted page, and JSON for what is not there. CleanPath serves every path with
// and without its last slash, and with slashes doubled, without a redirect (CONTRACT 1.4).
func (g *Gateway) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.CleanPath)
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) { writeError(w, errNoPage()) })
	r.MethodNotAllowed(refuseMethod(r))

	r.Post("/v1/orders", g.endpoint(OpCreate, g.createOrder))
	r.Get("/v1/orders", g.endpoint(OpList, g.listOrders))
	r.Get("/v1/orders/{id}", g.endpoint(OpGet, g.getOrder))

	g.pageRoutes(r)
	return r
}

// endpoint is what all calls of the API have in common: they are counted, may be broken, need the key, and their
// errors are answered.
func (g *Gateway) endpoint(op Operation, serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.authorized(r) {
			writeError(w, errUnauthorized())
			return
		}
		if err := serve(w, r); err != nil {
			writeError(w, err)
		}
	})
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		g.calls.begin(op, id)
		defer g.calls.end()
		fault, broken := g.faults.take(op, id)
		if !broken {
			answer(w, r)
			return
		}
		bounded, free := g.background.bound(r)
		defer free()
		fault(answer).ServeHTTP(w, bounded)
	}
}

// authorized reports whether the call has the API key as user name, and no password (CONTRACT 1.2).
func (g *Gateway) authorized(r *http.Request) bool {
	key, password, ok := r.BasicAuth()
	return ok && password == "" && subtle.ConstantTimeCompare([]byte(key), []byte(g.apiKey)) == 1
}

func (g *Gateway) createOrder(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return unreadable(err)
	}
	o, err := g.create(body)
	if err != nil {
		return err
	}
	made := o.answer.Load()
	writeOrder(w, http.StatusCreated, made, made.text)
	return nil
}

func (g *Gateway) getOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := g.orders.find(r.PathValue("id"))
	if err != nil {
		return err
	}
	shown := o.shown()
	text := shown.text
	if r.URL.RawQuery != "" && slices.Contains(r.URL.Query()["fields[]"], "amount_details") {
		text = shown.withDetails()
	}
	writeOrder(w, http.StatusOK, shown, text)
	return nil
}

// listOrders answers with the orders made in a period, its ends included, oldest first (CONTRACT 2.12).
func (g *Gateway) listOrders(w http.ResponseWriter, r *http.Request) error {
	since, err := moment(r, "created_since", "Begin of the period")
	if err != nil {
		return err
	}
	until, err := moment(r, "created_until", "End of the period")
	if err != nil {
		return err
	}
	list := []byte{'['}
	for i, o := range g.orders.createdWithin(since, until) {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, o.shown().text...)
	}
	writeJSON(w, http.StatusOK, append(list, ']'))
	return nil
}

// moment returns a required time of the query.
func moment(r *http.Request, name, about string) (time.Time, error) {
	given := r.URL.Query().Get(name)
	if given == "" {
		return time.Time{}, invalid(name, about, "is required")
	}
	t, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return time.Time{}, invalid(name, about, "must be a time of RFC 3339 such as 2026-03-02T09:00:00Z")
	}
	return t, nil
}

func unreadable(err error) error {
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return &refusal{
			status: http.StatusRequestEntityTooLarge,
			kind:   "RequestEntityTooLarge",
			reason: "the body is longer than " + strconv.Itoa(maxBody) + " bytes",
		}
	}
	return invalid("", "", "the body could not be read")
}

// refuseMethod answers 405 and says which methods the address has.
func refuseMethod(routes chi.Routes) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := path.Clean(r.URL.Path)
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			if routes.Match(chi.NewRouteContext(), m, at) {
				w.Header().Add("Allow", m)
			}
		}
		writeError(w, &refusal{
			status: http.StatusMethodNotAllowed,
			kind:   "MethodNotAllowed",
			reason: r.Method + " is not possible here",
		})
	}
}

func writeOrder(w http.ResponseWriter, status int, a *answer, text []byte) {
	w.Header().Set("ETag", a.etag)
	writeJSON(w, status, text)
}

func writeJSON(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // fails only when the client has left
}
