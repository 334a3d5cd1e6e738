package sandbox

import (
	"bytes"
	"net/http"
	"sync"
	"time"
)

// Fault makes an answer of the API go wrong. It stands between the call and next, which answers as it should, and may
// do without next. What a fault waits for ends with the call's context: when the client leaves, or the gateway closes.
type Fault func(next http.Handler) http.Handler

// Break has f happen to the next n calls of op for an order, or to all of them until lift is called if n is 0. The
// order need not exist; an empty id stands for every order, and is the only one for [OpCreate] and [OpList]. If several
// faults are to happen to a call, the oldest does.
func (g *Gateway) Break(op Operation, id string, n int, f Fault) (lift func()) {
	return g.faults.put(op, id, n, f)
}

// Slow answers late by d.
func Slow(d time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		})
	}
}

// Reply answers with this status, header and body in the place of the gateway. The header may be nil.
func Reply(status int, header http.Header, body string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for name, values := range header {
				w.Header()[name] = values
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body)) // fails only when the client has left
		})
	}
}

// Missing answers that there is no such order.
func Missing() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			writeError(w, errNoOrder(r.PathValue("id")))
		})
	}
}

// Hang never answers; the connection is cut when the client leaves or the gateway closes.
func Hang() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		})
	}
}

// Cut closes the connection without an answer.
func Cut() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	}
}

// HoldGET holds back the answer to the next GET of an order: arrived is closed when the call has read its answer, which
// then goes out, as old as it has become, once release is called. Calls after that one are answered as ever.
func (g *Gateway) HoldGET(id string) (arrived <-chan struct{}, release func()) {
	read, released := make(chan struct{}), make(chan struct{})
	hold := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := &heldAnswer{header: w.Header(), status: http.StatusOK}
			next.ServeHTTP(answer, r)
			close(read)
			select {
			case <-released:
				answer.send(w)
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		})
	}
	lift := g.faults.put(OpGet, id, 1, hold)
	return read, sync.OnceFunc(func() {
		lift()
		close(released)
	})
}

// heldAnswer keeps an answer until it may be sent.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header            { return a.header }
func (a *heldAnswer) WriteHeader(status int)         { a.status = status }
func (a *heldAnswer) Write(text []byte) (int, error) { return a.body.Write(text) }

func (a *heldAnswer) send(w http.ResponseWriter) {
	w.WriteHeader(a.status)
	_, _ = a.body.WriteTo(w) // fails only when the client has left
}

// StaleGET has GETs and lists show an order as it was before its last change, whatever happens to it meanwhile, until
// release is called. An order never changed is shown as it is now.
func (g *Gateway) StaleGET(id string) (release func(), err error) {
	o, err := g.orders.find(id)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.previous
	if old == nil {
		old = o.answer.Load()
	}
	o.frozen.Store(old)
	return func() { o.frozen.CompareAndSwap(old, nil) }, nil
}
