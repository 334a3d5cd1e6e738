package poller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// errPanic stands for a panic in a look, which the log has.
var errPanic = errors.New("panic")

// rescue turns a panic into err: one bad order must not end the process. It is to be deferred.
func (p *Poller) rescue(orderID string, err *error) {
	v := recover()
	if v == nil {
		return
	}
	what := fmt.Sprintf("%T", v) // its text may be anything, so also of a customer
	if fault, ok := v.(runtime.Error); ok {
		what = fault.Error()
	}
	p.log.Error("panic", "order_id", orderID, "panic", what, "stack", string(debug.Stack()))
	*err = errPanic
}

// failure says in our own words why a look gave no answer: API clients see it, so nothing of the gateway's own text
// is in it.
func failure(err error) store.Failure {
	f := store.Failure{RetryAfter: gateway.RetryAfter(err), Refused: refusedOne(err)}
	api, refused := errors.AsType[*nopayn.APIError](err)
	_, unreadable := errors.AsType[*nopayn.ResponseError](err)
	_, transport := errors.AsType[*nopayn.TransportError](err)
	switch {
	case refused && api.StatusCode == http.StatusUnauthorized:
		f.Code, f.Phrase = "gateway_unauthorized", "the gateway refuses our key"
	case refused && api.StatusCode == http.StatusForbidden:
		f.Code, f.Phrase = "gateway_forbidden", "the gateway does not let our key see this order"
	case refused && api.StatusCode == http.StatusTooManyRequests:
		f.Code, f.Phrase = store.CodeRateLimited, "the gateway asks us to slow down"
	case refused:
		f.Code, f.Phrase = "gateway_error", fmt.Sprintf("the gateway answered %d", api.StatusCode)
	case unreadable:
		f.Code, f.Phrase = "gateway_unreadable", "the gateway's answer cannot be read"
	case unsent(err):
		f.Code, f.Phrase = store.CodePaused, closedPhrase
	case errors.Is(err, context.DeadlineExceeded):
		f.Code, f.Phrase = store.CodeTimeout, "the gateway did not answer in time"
	case transport:
		f.Code, f.Phrase = "gateway_unreachable", "the gateway cannot be reached"
	default:
		f.Code, f.Phrase = store.CodeInternal, "the look failed by a fault of ours"
	}
	return f
}

// refusedOne reports whether the gateway answered, and refuses just this order.
func refusedOne(err error) bool {
	_, unreadable := errors.AsType[*nopayn.ResponseError](err)
	return answered(err) && !unreadable
}

// reason is what the log may know of err. The gateway's own words are left out: they may be about a customer.
func reason(err error) string {
	if _, ok := errors.AsType[*nopayn.APIError](err); ok {
		return failure(err).Phrase
	}
	return err.Error()
}
