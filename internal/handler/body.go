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
	// Where there is no connection to set a deadline for, as in a test, there is nothing to wait for.
	conn := http.NewResponseController(e)
	_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout))
	_, err := into.ReadFrom(http.MaxBytesReader(e.ResponseWriter, r.Body, maxBody))
	if err == nil {
		// The deadline was for the body: a server that goes on listening for the client's end must not meet it.
		_ = conn.SetReadDeadline(time.Time{})
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
