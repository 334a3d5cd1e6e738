package handler

import (
	"bytes"
	"errors"
	"net/http"
	"time"
)

const (
	// maxBody bounds a request's body (CONTRACT 4.3).
	maxBody = 64 << 10
	// bodyTimeout bounds the wait for a body that dribbles in.
	bodyTimeout = 2 * time.Second
)

// readBody reads a body of at most 64 KiB, as long as it keeps coming.
func readBody(e *exchange, r *http.Request, into *bytes.Buffer) error {
	if r.ContentLength > maxBody {
		return &http.MaxBytesError{Limit: maxBody}
	}
	_, err := into.ReadFrom(http.MaxBytesReader(e.ResponseWriter, r.Body, maxBody))
	if err == nil {
		// The exchange's deadline was for the body: a server that goes on listening for the client's end must not meet it.
		_ = http.NewResponseController(e).SetReadDeadline(time.Time{})
	}
	return err
}

func tooLarge(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}

func bodyTooLarge() *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, codeTooLarge, "The body is longer than 64 KiB.")
}
