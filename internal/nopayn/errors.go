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

	// Body is the start of the answer, at most 64 KiB, without the API key. It may hold customer data, and so it is
	// no part of the error's text.
	Body []byte

	// NotDone says that the call only read, or that the refusal hid behind a success that names nothing that was made.
	NotDone bool

	// RetryAfter is how long the gateway asks to be left alone, from 0 (it does not say) to an hour.
	RetryAfter time.Duration
}

// Error has the form that the official SDKs use. It may quote the gateway's message.
func (e *APIError) Error() string {
	return fmt.Sprintf("NoPayn API error (HTTP %d): %s", e.StatusCode, e.Message)
}

// Temporary reports whether the same call may succeed later with nothing changed: after a time-out, a request to slow
// down, or a failure of the gateway's own (408, 425, 429, 5xx).
func (e *APIError) Temporary() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return e.StatusCode >= http.StatusInternalServerError
}

// OutcomeUnknown is true after a failure of the gateway's own (408 and 5xx): it may have come to it while it was at
// work. What is refused with any other status was not done.
func (e *APIError) OutcomeUnknown() bool {
	failed := e.StatusCode == http.StatusRequestTimeout || e.StatusCode >= http.StatusInternalServerError
	return !e.NotDone && (failed || e.StatusCode < http.StatusMultipleChoices)
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
	Err       error  // names the member at fault; never quotes the answer
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
