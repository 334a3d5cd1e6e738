package control

import (
	"errors"
	"net/http"

	"webhookd/internal/sandbox"
)

// problem is an error that is answered as application/problem+json (RFC 9457).
type problem struct {
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []wrong `json:"errors,omitempty"`
}

func (p *problem) Error() string { return p.Detail }

// wrong is what is wrong with one member of a body.
type wrong struct {
	Step   int    `json:"step,omitempty"` // of a script, from 1
	Member string `json:"member"`
	Detail string `json:"detail"`
}

func notFound(detail string) error {
	return &problem{Status: http.StatusNotFound, Title: "Not found", Detail: detail}
}

func conflict(detail string) error {
	return &problem{Status: http.StatusConflict, Title: "Not possible now", Detail: detail}
}

// refused returns the problem of a lever that would not move.
func refused(err error) error {
	if err == nil || errors.As(err, new(*problem)) {
		return err
	}
	if errors.Is(err, sandbox.ErrNoOrder) {
		return notFound(err.Error())
	}
	return conflict(err.Error())
}

// writeProblem answers with err: as it says itself if it is a problem, else with a bare 500.
func writeProblem(w http.ResponseWriter, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = &problem{Status: http.StatusInternalServerError, Title: "Internal error"}
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}
