package handler

import (
	"context"
	"errors"
	"net/http"

	"webhookd/internal/feed"
	"webhookd/internal/store"
)

// refusal is problemOf for a request that somebody may have given up.
func refusal(ctx context.Context, err error) *Problem {
	if ctx.Err() != nil {
		return newProblem(statusClientGone, codeClientGone, "The request was given up.")
	}
	return problemOf(err)
}

// problemOf is the one place where an error of ours becomes an answer. What it does not know is our own fault.
func problemOf(err error) *Problem {
	var problem *Problem
	var contradiction *store.ContradictionError
	var gone *store.GoneError
	var look *store.LookError
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.Is(err, store.ErrNotFound):
		return newProblem(http.StatusNotFound, codeNotFound, "We know no order with this id.")
	case errors.As(err, &contradiction):
		return newProblem(http.StatusConflict, codeContradiction,
			"This order was registered before with another "+contradiction.Field+".")
	case errors.As(err, &gone):
		return newProblem(http.StatusGone, codeGone, "The feed cannot be continued from there: "+gone.Reason+".")
	case errors.As(err, &look):
		return lookProblem(look.Failure)
	case errors.Is(err, feed.ErrTooMany):
		return newProblem(http.StatusServiceUnavailable, codeTooManyWaiting,
			"Too many others wait for events. Try again.").retryLater(retryAfter)
	case operationProblem(err) != nil:
		return operationProblem(err)
	case store.Unavailable(err):
		return newProblem(http.StatusServiceUnavailable, codeDatabase, "Our database does not answer. Try again.").
			retryLater(retryAfter).because(err)
	}
	return newProblem(http.StatusInternalServerError, codeInternal, internalDetail).because(err)
}
