package nopayn

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Retry says how often a read that failed is tried again, and how long to wait before. Only reads are: an order, a
// refund, a capture or a void that was sent twice may be done twice, for the gateway knows no idempotency key
// (CONTRACT 1.3). A read is tried again after a [*TransportError], or an [*APIError] that is Temporary.
type Retry struct {
	// Attempts bounds how often a read is sent, the first time included. 0 and 1 mean that it is not tried again.
	Attempts int

	// Base bounds the first wait; the bound doubles with every wait, up to Max. A wait is a random part of its bound,
	// so that clients that failed together do not come back together. The defaults are 200 ms and 5 s.
	Base, Max time.Duration
}

func (r Retry) withDefaults() Retry {
	if r.Base == 0 {
		r.Base = 200 * time.Millisecond
	}
	if r.Max == 0 {
		r.Max = 5 * time.Second
	}
	return r
}

// next says whether to send a read again after its attempt-th failure, and when. A Retry-After delays it; one longer
// than Max is left to the caller, whose time it is.
func (r Retry) next(attempt int, err error) (time.Duration, bool) {
	if attempt >= r.Attempts {
		return 0, false
	}
	wait := r.jitter(attempt)
	if api, refused := errors.AsType[*APIError](err); refused {
		return api.RetryAfter + wait, api.Temporary() && api.RetryAfter <= r.Max
	}
	_, unanswered := errors.AsType[*TransportError](err)
	return wait, unanswered
}

// jitter gives a random part of the bound of the attempt-th wait.
func (r Retry) jitter(attempt int) time.Duration {
	bound := min(r.Base, r.Max)
	for ; attempt > 1 && bound < r.Max; attempt-- {
		bound = min(2*bound, r.Max)
	}
	return rand.N(bound + 1)
}

// rest waits for d. It is false, and at once if possible, when ctx does not last that long.
func rest(ctx context.Context, d time.Duration) bool {
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
