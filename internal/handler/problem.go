package handler

import (
	"encoding/json"
	"net/http"
)

// The codes of problems. They are part of the API: a code is added, never changed. problemCodes says what they mean.
const (
	codeInvalidJSON      = "invalid_json"
	codeInvalidWebhook   = "invalid_webhook"
	codeUnauthorized     = "unauthorized"
	codeForbidden        = "forbidden"
	codeNotFound         = "not_found"
	codeMethodNotAllowed = "method_not_allowed"
	codeContradiction    = "contradiction"
	codeGone             = "gone"
	codeTooLarge         = "too_large"
	codeInvalid          = "invalid"
	codeTooManyRequests  = "too_many_requests"
	codeClientGone       = "client_gone" // for the log: nobody waits for the answer any more
	codeInternal         = "internal"
	codeGatewayFailed    = "gateway_failed"
	codeDatabase         = "database_unavailable"
	codeNotStored        = "not_stored"
	codeGatewayPaused    = "gateway_paused"
	codeGatewayTimeout   = "gateway_timeout"
)

// problemCode is a code that clients see, with the status it comes with.
type problemCode struct {
	code    string
	status  int
	meaning string
}

// concerns reports whether an operation of /v1 may answer with the code; looks is whether it may ask the gateway.
func (c problemCode) concerns(looks bool) bool {
	switch c.code {
	case codeInvalidWebhook, codeNotStored:
		return false
	case codeGatewayFailed, codeGatewayPaused, codeGatewayTimeout:
		return looks
	}
	return true
}

// problemCodes are all of them, for the OpenAPI document.
func problemCodes() []problemCode {
	return []problemCode{
		{codeInvalidJSON, http.StatusBadRequest, "the body is no JSON"},
		{codeInvalidWebhook, http.StatusBadRequest, "the body names no order"},
		{codeUnauthorized, http.StatusUnauthorized, "no key, or none that we know"},
		{codeForbidden, http.StatusForbidden, "the key lacks a scope"},
		{codeNotFound, http.StatusNotFound, "no such order, or no such path"},
		{codeMethodNotAllowed, http.StatusMethodNotAllowed, "the path does not know the method"},
		{codeContradiction, http.StatusConflict, "registered before with another value"},
		{codeGone, http.StatusGone, "the feed cannot be continued from there"},
		{codeTooLarge, http.StatusRequestEntityTooLarge, "the body is longer than 64 KiB"},
		{codeInvalid, http.StatusUnprocessableEntity, "a field or parameter is not what it must be"},
		{codeTooManyRequests, http.StatusTooManyRequests, "one source sends too much"},
		{codeInternal, http.StatusInternalServerError, "our fault, and in our log"},
		{codeGatewayFailed, http.StatusBadGateway, "the gateway gave no answer that can be used"},
		{codeDatabase, http.StatusServiceUnavailable, "our database does not answer"},
		{codeNotStored, http.StatusServiceUnavailable, "the webhook could not be committed: send it again"},
		{codeGatewayPaused, http.StatusServiceUnavailable, "the gateway is left alone for now: nothing was asked of it"},
		{codeGatewayTimeout, http.StatusGatewayTimeout, "the gateway did not answer in time"},
	}
}

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
