package store

import (
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// Result is what came of a look: exactly one of Order, NotFound and Failure is set. Order is that of Claim.OrderID; it
// and its Raw must not change afterwards.
type Result struct {
	Claim    Claim
	Asked    time.Time     // when the request left, by the database's clock: Claim.At
	Order    *nopayn.Order // the gateway's answer
	NotFound bool          // the gateway answered 404
	Failure  *Failure      // no answer that could be used
}

// The codes of failures that mean more to a caller than that the gateway failed.
const (
	CodePaused      = "gateway_paused"       // nothing was sent: the gateway is unwell, or asked us to wait
	CodeRateLimited = "gateway_rate_limited" // it asks us to wait now
	CodeTimeout     = "gateway_timeout"
	CodeInternal    = "internal_error" // a fault of ours
)

// Failure says why a look gave no answer. Code and Phrase are our own words: they are shown to API clients.
type Failure struct {
	Code       string        // stable, for programs
	Phrase     string        // for people
	RetryAfter time.Duration // what the gateway asked for; 0 if nothing
	Refused    bool          // the gateway is well and will not answer for this very order
}

// version places the answer in time.
func (r Result) version() payment.Version {
	return payment.Version{Modified: deref(storable(r.Order.Modified)), Asked: r.Asked}
}

func (f Failure) String() string { return f.Code + ": " + f.Phrase }

// LookError tells whoever waits for a look that it failed.
type LookError struct {
	Failure Failure
}

func (e *LookError) Error() string { return e.Failure.String() }

// Verdict sums up what a look did.
type Verdict string

// The verdicts. They are label values of metrics.
const (
	Changed   Verdict = "changed"   // the order, and so the feed
	Unchanged Verdict = "unchanged" // nothing that the feed tells
	Older     Verdict = "older"     // dropped: a newer answer is stored
	Stale     Verdict = "stale"     // dropped: the gateway answered from an old copy; asked again soon
	NotFound  Verdict = "not_found" // the gateway does not know the order
	Dropped   Verdict = "dropped"   // an id that only a webhook named was forgotten
	Failed    Verdict = "failed"    // asked again later
)

// Outcome is what applying a Result did, for metrics and logs.
type Outcome struct {
	Verdict   Verdict
	Again     bool          // a webhook came during the look: the order is due at once
	Known     bool          // the order is ours, now
	Events    []EventType   // written, in feed order
	From      payment.State // before; empty if the order is new
	To        payment.State // after; empty if there is no order
	Delay     time.Duration // from the gateway's `modified` to our commit; 0 without a change or mark
	PaidTwice bool          // money was taken although another order had paid for the same reference
	Stuck     bool          // is unsettled for longer than the schedule allows
}
