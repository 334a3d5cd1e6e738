package sandbox

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// heldAnswer keeps an answer, which may then be sent, late or changed.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newHeldAnswer() *heldAnswer { return &heldAnswer{header: http.Header{}, status: http.StatusOK} }

func (a *heldAnswer) Header() http.Header            { return a.header }
func (a *heldAnswer) WriteHeader(status int)         { a.status = status }
func (a *heldAnswer) Write(text []byte) (int, error) { return a.body.Write(text) }

// replace puts another body in the place of the first.
func (a *heldAnswer) replace(body []byte) {
	a.body.Reset()
	a.body.Write(body)
	a.header.Set("Content-Length", strconv.Itoa(len(body)))
}

// start sends status and header.
func (a *heldAnswer) start(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
}

func (a *heldAnswer) send(w http.ResponseWriter) {
	a.start(w)
	_, _ = a.body.WriteTo(w) // fails only when the client has left
}

// HoldGET holds back the answer to the next GET of an order: arrived is closed when the call has read its answer, which
// then goes out, as old as it has become, once release is called. Calls after that one are answered as ever.
func (g *Gateway) HoldGET(id string) (arrived <-chan struct{}, release func()) {
	read, released := make(chan struct{}), make(chan struct{})
	lift := g.Break(OpGet, id, 1, NewFault("hold", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := newHeldAnswer()
			next.ServeHTTP(answer, r)
			close(read)
			select {
			case <-released:
				answer.send(w)
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		})
	}))
	return read, sync.OnceFunc(func() {
		lift()
		close(released)
	})
}
