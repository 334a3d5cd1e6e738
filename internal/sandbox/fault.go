package sandbox

import (
	"net/http"
	"time"
)

// Fault makes an answer of the API go wrong. Make one with [Slow], [Reply] and the like, or with [NewFault]. What a
// fault waits for ends with the call's context: when the client leaves, or the gateway closes.
type Fault struct {
	kind FaultKind
	wrap func(g *Gateway, next http.Handler) http.Handler
}

func (f Fault) about() FaultKind { return f.kind }

// NewFault returns a fault of one's own. wrap's handler stands between the call and next, which answers as the gateway
// should, and may do without next.
func NewFault(name string, wrap func(next http.Handler) http.Handler) Fault {
	return fault(FaultKind{Name: name}, wrap)
}

func fault(kind FaultKind, wrap func(next http.Handler) http.Handler) Fault {
	return Fault{kind, func(_ *Gateway, next http.Handler) http.Handler { return wrap(next) }}
}

// instead returns a fault that never asks the gateway.
func instead(kind FaultKind, serve http.HandlerFunc) Fault {
	return fault(kind, func(http.Handler) http.Handler { return serve })
}

// after returns a fault that does what was asked, and then answers otherwise.
func after(kind FaultKind, answer func(w http.ResponseWriter)) Fault {
	return fault(kind, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(newHeldAnswer(), r)
			answer(w)
		})
	})
}

// Break has f happen to the next n calls of op for an order, or to all of them until lift is called if n is 0. The
// order need not exist; an empty id stands for every order, and is the only one for [OpCreate] and [OpList]. If several
// faults are to happen to a call, the oldest does.
func (g *Gateway) Break(op Operation, id string, n int, f Fault) (lift func()) {
	_, lift = g.BreakBy(FaultRule{On: op, OrderID: id, Times: n}, f)
	return lift
}

// BreakBy has f happen to the calls of a rule. The id is for [Gateway.LiftFault]; lift does the same. If several faults
// are to happen to a call, the oldest does.
func (g *Gateway) BreakBy(rule FaultRule, f Fault) (id string, lift func()) {
	return g.faults.put(rule, f)
}

// Slow answers late by d of real time. The call is made only then.
func Slow(d time.Duration) Fault {
	return fault(FaultKind{Name: "slow", Delay: d}, func(next http.Handler) http.Handler {
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
	})
}

// Hang never answers; the connection is cut when the client leaves or the gateway closes.
func Hang() Fault {
	return instead(FaultKind{Name: "hang"}, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// Cut closes the connection without an answer, and nothing is done.
func Cut() Fault {
	return instead(FaultKind{Name: "cut"}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// LoseAnswer does what was asked, and then closes the connection without an answer (CONTRACT 4.7, W34).
func LoseAnswer() Fault {
	return fault(FaultKind{Name: "lose_answer"}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(newHeldAnswer(), r)
			panic(http.ErrAbortHandler)
		})
	})
}

// CutBody does what was asked, and closes the connection in the middle of the answer.
func CutBody() Fault {
	return fault(FaultKind{Name: "cut_body"}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := newHeldAnswer()
			next.ServeHTTP(answer, r)
			answer.start(w) // with the length of the whole
			_, _ = w.Write(answer.body.Bytes()[:answer.body.Len()/2])
			_ = http.NewResponseController(w).Flush() // both fail only when the client has left
			panic(http.ErrAbortHandler)
		})
	})
}
