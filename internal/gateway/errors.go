package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
)

// ClosedError says that nothing was sent, because the gateway is unwell or asked us to wait.
type ClosedError struct {
	After time.Duration // when a call may be let through again, at the earliest
}

// Error says for how long.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("no calls to the gateway for %s", e.After.Round(time.Millisecond))
}

// ErrBusy says that nothing was sent, because the budget had no turn for the call before its ctx ended.
var ErrBusy = errors.New("no turn within the budget")

var (
	// errNoVerdict stands for outcomes that say nothing of the gateway's health.
	errNoVerdict = errors.New("no verdict")
	// errPanic is the outcome of a call that panicked.
	errPanic = errors.New("panic")
)

// RetryAfter is how long the gateway, or its breaker, wants to be left alone: 0 if nothing is said of it, and at most
// five minutes. Whoever asks for more is asked then whether it still holds.
func RetryAfter(err error) time.Duration {
	if closed, ok := errors.AsType[*ClosedError](err); ok {
		return closed.After
	}
	if api, ok := errors.AsType[*nopayn.APIError](err); ok {
		return min(api.RetryAfter, maxPause)
	}
	return 0
}

// NotDone reports whether err says that the gateway has certainly not done what was asked: it was never sent, or it was
// refused. Of any other error that is not known.
func NotDone(err error) bool {
	_, closed := errors.AsType[*ClosedError](err)
	return closed || errors.Is(err, ErrBusy) || nopayn.NotDone(err)
}

// health is what a call's outcome says of the gateway: nil if it is well, err if it is in trouble or will not have us,
// and errNoVerdict if nobody can tell. ctx is that of the caller, who may have given up.
//
// A gateway that answers is well, whatever it says of one order. That goes for an answer that cannot be read, and for
// a 403: an order may belong to another key (CONTRACT 4.7 W37), and forged ids must not open the breaker.
func health(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[*nopayn.APIError](err); ok {
		if api.Temporary() || api.StatusCode == http.StatusUnauthorized {
			return err
		}
		return nil
	}
	if _, ok := errors.AsType[*nopayn.ResponseError](err); ok {
		return nil
	}
	if _, ok := errors.AsType[*nopayn.TransportError](err); ok && ctx.Err() == nil {
		return err
	}
	return errNoVerdict
}
