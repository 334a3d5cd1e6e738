package handler

import (
	"encoding/json"
	"net/http"
)

// statusClientGone is what servers log when nobody waits for the answer any more.
const statusClientGone = 499

const (
	internalDetail = "Something is wrong on our side. It is in our log under the request_id."
	retryAfter     = "5" // seconds, after a 503
)

// Problem is the body of every answer outside 2xx and 3xx (RFC 9457, type about:blank).
type Problem struct {
	Title     string         `json:"title" doc:"What the status means."`
	Status    int            `json:"status" doc:"The HTTP status."`
	Detail    string         `json:"detail" doc:"What is wrong, for people."`
	Code      string         `json:"code" doc:"What is wrong, for programs: stable."`
	RequestID string         `json:"request_id" doc:"Names the request in our log."`
	Errors    []InvalidField `json:"errors,omitempty" doc:"With code invalid: every field that is not what it must be."`

	header http.Header // beside the body's own
	cause  error       // for the log
}

// InvalidField is one thing wrong with a request.
type InvalidField struct {
	Location string `json:"location" doc:"Where: path, query or body, and the name."`
	Message  string `json:"message" doc:"What it must be. What it was is not repeated."`
}

// newProblem returns a problem without a request id, which it gets as it is written.
func newProblem(status int, code, detail string) *Problem {
	return &Problem{
		Title: http.StatusText(status), Status: status, Code: code, Detail: detail, header: http.Header{},
	}
}

// because adds what is behind the problem, for the log.
func (p *Problem) because(cause error) *Problem {
	p.cause = cause
	return p
}

// retryLater tells the client when to try again, in seconds.
func (p *Problem) retryLater(seconds string) *Problem {
	p.header.Set("Retry-After", seconds)
	return p
}

// write sends the problem as the exchange's answer.
func (p *Problem) write(e *exchange) {
	p.note(e)
	h := e.Header()
	for name, values := range p.header {
		h[name] = values
	}
	h.Set("Content-Type", p.ContentType("application/json"))
	h.Set("Cache-Control", "no-store")
	e.WriteHeader(p.Status)
	// An error means that the client is gone.
	_ = json.NewEncoder(e).Encode(p)
}

// note tells the exchange what is answered, and the problem whose answer it is.
func (p *Problem) note(e *exchange) {
	p.RequestID = e.requestID
	e.code, e.cause = p.Code, p.cause
}

// Error, GetStatus, GetHeaders and ContentType let a handler return a problem to huma as its error.
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is what the answer carries beside the usual.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType is that of problems, whatever huma would say.
func (p *Problem) ContentType(string) string { return "application/problem+json" }
