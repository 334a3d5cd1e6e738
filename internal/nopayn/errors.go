package nopayn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Error is what every error of a call is: a [*ValidationError], an [*APIError], a [*TransportError], a
// [*ResponseError] or a [*WebhookError]. To ask for it by [errors.As] is to ask whether an error comes from here.
type Error interface {
	error

	// OutcomeUnknown reports whether what was asked for may have been done at the gateway all the same. It is false for
	// whatever only reads, and wherever it is certain that nothing was done. A create, a refund, a capture or a void
	// whose outcome is unknown must not be sent again: the gateway knows no idempotency key (CONTRACT 1.3, 4.7 W34).
	OutcomeUnknown() bool
}

// NotDone reports whether err comes from this package and says that the gateway has certainly not done what was asked.
func NotDone(err error) bool {
	var own Error
	return errors.As(err, &own) && !own.OutcomeUnknown()
}

// APIError is a refusal: an answer outside 2xx, or one within that holds an error all the same (CONTRACT 5).
type APIError struct {
	Operation  string // what was asked for, as "get_order"
	StatusCode int    // of HTTP; 2xx if the refusal hid behind a success
	Message    string // the gateway's words on one line, at most 200 characters; CONTRACT 5 says where they are found
	Type       string // the gateway's name for the kind of error, bounded like Message; often empty
	Property   string // the path of the member that the gateway refuses, bounded like Message; often empty

	// Body is the start of the answer, at most 64 KiB, without the secrets and what the request told of its customer;
	// where these cannot be told from the rest, it is "[redacted]". It may hold other customer data, and so it is no
	// part of the error's text.
	Body []byte

	// InnerStatus is the status that the error in the body names (CONTRACT 5, shapes A and A3); 0 if it names none. It
	// counts for what the refusal means where HTTP says 2xx.
	InnerStatus int

	// NotDone says that the call only read, or that the refusal hid behind a success: that it blames the request, and
	// names nothing that was made.
	NotDone bool

	// RetryAfter is how long the gateway asks to be left alone, from 0 (it does not say) to an hour.
	RetryAfter time.Duration
}

// Error has the form that the official SDKs use, with the property behind it. It quotes the gateway's message.
func (e *APIError) Error() string {
	text := fmt.Sprintf("NoPayn API error (HTTP %d): %s", e.StatusCode, e.Message)
	if e.Property != "" {
		text += " (at " + e.Property + ")"
	}
	return text
}

// Discreet is err's text for a log: of a refusal no more than its status, since the gateway's own words may be about a
// customer. The texts of all other errors of a call quote nothing.
func Discreet(err error) string {
	if e, ok := errors.AsType[*APIError](err); ok {
		return fmt.Sprintf("NoPayn API error (HTTP %d)", e.StatusCode)
	}
	return err.Error()
}

// Temporary reports whether the same call may succeed later with nothing changed: after a time-out, a request to slow
// down, or a failure of the gateway's own (408, 425, 429, 5xx). Where HTTP says 2xx, InnerStatus decides.
func (e *APIError) Temporary() bool {
	status := e.StatusCode
	if status < http.StatusMultipleChoices {
		status = e.InnerStatus
	}
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// OutcomeUnknown is false for a 4xx but 408, and for the redirects that ask for the very same request elsewhere (301,
// 307, 308): what they refuse was not done. Any other redirect may tell where to look at what was done (RFC 9110,
// 15.4.4), and a failure of the gateway's own (408 and 5xx) may have come to it while it was at work.
func (e *APIError) OutcomeUnknown() bool {
	switch e.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return false
	}
	return !e.NotDone && !blamesRequest(e.StatusCode)
}

// blamesRequest reports whether a status says that the request was wrong, so that nothing was done.
func blamesRequest(status int) bool {
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError &&
		status != http.StatusRequestTimeout
}

// TransportError means that no complete answer came: no connection, a broken one, or the ctx was over.
type TransportError struct {
	Operation string // what was asked for, as "get_order"
	Err       error  // its text may quote bytes of a malformed answer
	NotDone   bool   // the call only read, or not one byte of it was written
}

// OutcomeUnknown is true unless NotDone.
func (e *TransportError) OutcomeUnknown() bool { return !e.NotDone }

// Error names the cause where that is safe. net/http quotes what it cannot read, and that may be the rest of another
// answer on the same connection, with customer data in it.
func (e *TransportError) Error() string {
	cause := "broken connection or malformed answer"
	if quotesNothing(e.Err) {
		cause = e.Err.Error()
	}
	return fmt.Sprintf("NoPayn %s: no answer: %s", e.Operation, cause)
}

// Unwrap gives the cause, for [errors.Is] with [context.DeadlineExceeded] and the like.
func (e *TransportError) Unwrap() error { return e.Err }

// quotesNothing reports whether err is of a kind whose text holds nothing that the other side sent.
func quotesNothing(err error) bool {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, http.ErrSchemeMismatch,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// ResponseError means that the gateway answered 2xx with something that could not be understood or used: no JSON, too
// much of it, a member of the wrong type, another order than the one asked for. The same call is likely to fail again.
type ResponseError struct {
	Operation string // what was asked for, as "get_order"
	Err       error  // names the member at fault, by the contract's name for it; never quotes the answer
	NotDone   bool   // the call only read
}

// OutcomeUnknown is true unless NotDone: the gateway has agreed to something.
func (e *ResponseError) OutcomeUnknown() bool { return !e.NotDone }

// Error says what was wrong with the answer, without quoting it.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("NoPayn %s: unusable answer: %v", e.Operation, e.Err)
}

// Unwrap gives what was wrong with the answer.
func (e *ResponseError) Unwrap() error { return e.Err }
