package handler

import (
	"context"
	"errors"
	"net/http"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/operation"
	"webhookd/internal/store"
)

const operationDoc = "How an operation stands: pending (in hand), done, refused, or unknown: it was sent, the answer was " +
	"lost, and what came of it has not been found out yet."

type operationRequest struct {
	Key idempotencyKey `path:"key"`
}

type operationAnswer struct {
	Body store.Operation
}

// operation answers what became of an operation.
func (a *api) operation(ctx context.Context, in *operationRequest) (*operationAnswer, error) {
	op, err := a.Orders.Operation(ctx, string(in.Key))
	if err != nil {
		return nil, err
	}
	return &operationAnswer{Body: op}, nil
}

// operationProblem is problemOf for the errors of operations; nil if err is none of them.
func operationProblem(err error) *Problem {
	switch {
	case errors.Is(err, store.ErrNoOperation):
		return newProblem(http.StatusNotFound, codeNotFound, "We know no operation with this key.")
	case errors.Is(err, store.ErrUnderWay):
		return newProblem(http.StatusConflict, codeUnderWay, "The first request with this key is under way.").
			retryLater("1")
	case errors.Is(err, store.ErrOrderBusy):
		return newProblem(http.StatusConflict, codeOrderBusy,
			"Another operation on this order is not over, or its outcome is not known yet.").retryLater(retryAfter)
	case errors.Is(err, store.ErrKeyReused):
		return newProblem(http.StatusUnprocessableEntity, codeKeyReused,
			"This Idempotency-Key was used for another request.")
	case errors.Is(err, operation.ErrNoWebhookURL):
		return newProblem(http.StatusUnprocessableEntity, codePublicURLMissing,
			"Orders cannot be created until PUBLIC_URL is set: their webhooks would lead nowhere.")
	}
	if invalidOrder, ok := errors.AsType[*nopayn.ValidationError](err); ok {
		return invalid(fieldsOf(invalidOrder)...)
	}
	return endingProblem(err)
}

// endingProblem tells of an operation that is not done; nil if err is of another kind.
func endingProblem(err error) *Problem {
	if refused, ok := errors.AsType[*operation.RefusedError](err); ok {
		if refused.Code == "" {
			return newProblem(http.StatusUnprocessableEntity, codeRefused, "The gateway refused it: "+refused.Detail+".")
		}
		return newProblem(http.StatusUnprocessableEntity, refused.Code, "It was not sent: "+refused.Detail+".")
	}
	if unknown, ok := errors.AsType[*operation.UnknownError](err); ok {
		return unknownProblem(unknown)
	}
	notSent, ok := errors.AsType[*operation.NotSentError](err)
	switch {
	case !ok:
		return nil
	case store.Unavailable(notSent):
		return nil // as any request that our database fails
	}
	p := newProblem(http.StatusBadGateway, codeNotSent,
		"The gateway could not be asked. Nothing was done, and the key may be used again.").because(err)
	if wait := gateway.RetryAfter(err); wait > 0 {
		return p.retryLater(seconds(wait))
	}
	return p
}

// unknownProblem tells of a create whose answer was lost.
func unknownProblem(err *operation.UnknownError) *Problem {
	status, code := http.StatusBadGateway, codeOutcomeUnknown
	if errors.Is(err, context.DeadlineExceeded) {
		status, code = http.StatusGatewayTimeout, codeAnswerLate
	}
	return newProblem(status, code, "The gateway's answer was lost. Whether there is an order will be found "+
		"out: GET /v1/operations/"+err.Key+" tells. Do not ask for it again under another key.").because(err)
}

// fieldsOf is what the gateway's client finds wrong with a request before it is sent.
func fieldsOf(err *nopayn.ValidationError) []InvalidField {
	fields := make([]InvalidField, len(err.Problems))
	for i, p := range err.Problems {
		fields[i] = InvalidField{Location: "body." + p.Field, Message: p.Problem}
	}
	return fields
}
