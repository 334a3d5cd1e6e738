package operation

import (
	"errors"
	"fmt"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// ErrNoWebhookURL is returned for a create while nobody knows the URL that the new order's webhooks are to go to.
var ErrNoWebhookURL = errors.New("no URL for webhooks")

// NotSentError says that an operation has certainly not happened, and that its key may be used again.
type NotSentError struct {
	Err error // why
}

func (e *NotSentError) Error() string { return fmt.Sprintf("nothing was done: %v", e.Err) }

// Unwrap gives the reason.
func (e *NotSentError) Unwrap() error { return e.Err }

// RefusedError says that an operation was refused: it has certainly not happened.
type RefusedError struct {
	// Code is the payment.Objection's if it was us who refused, and empty if it was the gateway.
	Code string
	// Detail says why. It may quote the gateway's message, at most 200 characters of it.
	Detail string
}

func (e *RefusedError) Error() string { return "refused: " + e.Detail }

// UnknownError says that a create was sent and that its answer was lost.
type UnknownError struct {
	Key string // under which the outcome will be told
	Err error  // how the answer was lost; nil if that was in an earlier call
}

func (e *UnknownError) Error() string {
	if e.Err == nil {
		return "the outcome is not known yet"
	}
	return fmt.Sprintf("the outcome is not known: %v", e.Err)
}

// Unwrap gives how the answer was lost.
func (e *UnknownError) Unwrap() error { return e.Err }

// refusal reports whether err is an answer that it will not be done, ours or the gateway's. That our key is not good
// says nothing of what was asked for.
func refusal(err error) (*RefusedError, bool) {
	if own, ok := errors.AsType[*RefusedError](err); ok {
		return own, true
	}
	if objection, ok := errors.AsType[*payment.Objection](err); ok {
		return &RefusedError{Code: objection.Code, Detail: objection.Phrase}, true
	}
	answer, ok := errors.AsType[*nopayn.APIError](err)
	if !ok || answer.Temporary() || answer.StatusCode == 401 || !nopayn.NotDone(err) {
		return nil, false
	}
	return &RefusedError{Detail: answer.Message}, true
}

// redact takes out of the gateway's words what the order tells of its customer. The movement's own request tells
// nothing of one, so the client does not know.
func redact(err error, o *nopayn.Order) error {
	answer, ok := errors.AsType[*nopayn.APIError](err)
	if !ok {
		return err
	}
	redacted := *answer
	redacted.Message = o.Redact(answer.Message)
	return &redacted
}
