package handler

import (
	"errors"
	"net/http"

	"webhookd/internal/store"
)

// problemOf is the one place where an error of ours becomes an answer. What it does not know is our own fault.
func problemOf(err error) *Problem {
	var problem *Problem
	var contradiction *store.ContradictionError
	var gone *store.GoneError
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
	case store.Unavailable(err):
		return newProblem(http.StatusServiceUnavailable, codeDatabase, "Our database does not answer. Try again.").
			retryLater(retryAfter).because(err)
	}
	return newProblem(http.StatusInternalServerError, codeInternal, internalDetail).because(err)
}
