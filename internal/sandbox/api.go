package sandbox

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"

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
	r.Put("/v1/orders/{id}", g.endpoint(OpUpdate, g.updateOrder))
	r.Delete("/v1/orders/{id}", g.endpoint(OpCancel, g.cancelOrder))
	r.Post("/v1/search/orders", g.endpoint(OpSearch, g.searchOrders))
	r.Post("/v1/orders/{id}/refunds", g.endpoint(OpRefund, g.refundOrder))
	for _, of := range []string{"/v1/orders/{id}", "/v1/orders/{id}/transactions/{transaction}"} {
		r.Post(of+"/captures", g.endpoint(OpCapture, g.captureAll))
		r.Post(of+"/captures/amount", g.endpoint(OpCapture, g.captureAmount))
		r.Post(of+"/captures/orderlines", g.endpoint(OpCapture, g.captureLines))
	}
	r.Post("/v1/orders/{id}/transactions/{transaction}/voids/amount", g.endpoint(OpVoid, g.voidAmount))
	r.Post("/v1/orders/{id}/transactions/{transaction}/voids/orderlines", g.endpoint(OpVoid, g.voidLines))
	r.Post("/v1/tokens", g.keyless(OpTokens, g.createToken))
	r.Post("/v1/paymentlinks", g.endpoint(OpCreateLink, g.createLink))
	r.Get("/v1/paymentlinks/{id}", g.endpoint(OpGetLink, g.getLink))
	r.Get("/v1/merchants/self/projects/self", g.endpoint(OpProject, g.showProject))
	r.Get("/v1/merchants/self/projects/self/currencies", g.endpoint(OpCurrencies, g.showCurrencies))

	g.pageRoutes(r)
	return r
}

// serving answers a call of the API, or returns why it does not: a refusal, or an error of the gateway's own.
type serving func(w http.ResponseWriter, r *http.Request) error

// endpoint is what calls of the API have in common: they are counted, may be broken, need the key, and their errors are
// answered.
func (g *Gateway) endpoint(op Operation, serve serving) http.HandlerFunc {
	return g.keyless(op, func(w http.ResponseWriter, r *http.Request) error {
		if !g.authorized(r) {
			return errKey(r)
		}
		return serve(w, r)
	})
}

// keyless is an endpoint that needs no key.
func (g *Gateway) keyless(op Operation, serve serving) http.HandlerFunc {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		fault.wrap(g, answer).ServeHTTP(w, bounded)
	}
}

// authorized reports whether the call has the API key as user name, and no password (CONTRACT 1.2).
func (g *Gateway) authorized(r *http.Request) bool {
	key, password, ok := r.BasicAuth()
	return ok && password == "" && subtle.ConstantTimeCompare([]byte(key), []byte(g.apiKey)) == 1
}

// readRequest returns the body of a call, which must be a JSON object that follows the rule. What it is about is told in
// refusals of the whole.
func readRequest(w http.ResponseWriter, r *http.Request, about string, wanted rule) (document, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return parseRequest(body, about, wanted)
}

// readOptional is readRequest for calls that need no body: nothing stands for an object without members.
func readOptional(w http.ResponseWriter, r *http.Request, about string, wanted rule) (document, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return parseRequest(body, about, wanted)
}

func parseRequest(body []byte, about string, wanted rule) (document, error) {
	asked, err := parseDocument(body)
	if err != nil {
		return nil, invalid("", about, "the body must be a JSON object: %v", err)
	}
	if err := wanted("", about, map[string]any(asked)); err != nil {
		return nil, err
	}
	return asked, nil
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, unreadable(err)
	}
	return body, nil
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

func writeObject(w http.ResponseWriter, status int, object map[string]any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	writeJSON(w, status, text)
	return nil
}
