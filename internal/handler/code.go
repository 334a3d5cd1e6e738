package handler

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
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
	codeTooManyWaiting   = "too_many_waiting"
)

// problemCode is a code that clients see, with the status it comes with.
type problemCode struct {
	code    string
	status  int
	meaning string
	later   bool // it comes with a Retry-After
}

// problemCodes are all of them, for the OpenAPI document.
func problemCodes() []problemCode {
	return []problemCode{
		{codeInvalidJSON, http.StatusBadRequest, "the body is no JSON", false},
		{codeInvalidWebhook, http.StatusBadRequest, "the body names no order", false},
		{codeUnauthorized, http.StatusUnauthorized, "no key, or none that we know", false},
		{codeForbidden, http.StatusForbidden, "the key lacks a scope", false},
		{codeNotFound, http.StatusNotFound, "no such order, or no such path", false},
		{codeMethodNotAllowed, http.StatusMethodNotAllowed, "the path does not know the method", false},
		{codeContradiction, http.StatusConflict, "registered before with another value", false},
		{codeGone, http.StatusGone, "the feed cannot be continued from there", false},
		{codeTooLarge, http.StatusRequestEntityTooLarge, "the body is longer than 64 KiB", false},
		{codeInvalid, http.StatusUnprocessableEntity, "a field or parameter is not what it must be", false},
		{codeTooManyRequests, http.StatusTooManyRequests, "one source sends too much", true},
		{codeInternal, http.StatusInternalServerError, "our fault, and in our log", false},
		{codeGatewayFailed, http.StatusBadGateway, "the gateway gave no answer that can be used", false},
		{codeDatabase, http.StatusServiceUnavailable, "our database does not answer", true},
		{codeNotStored, http.StatusServiceUnavailable, "the webhook could not be committed: send it again", true},
		{codeGatewayPaused, http.StatusServiceUnavailable, "the gateway is left alone for now: nothing was asked of it", true},
		{codeTooManyWaiting, http.StatusServiceUnavailable, "too many others wait for events", true},
		{codeGatewayTimeout, http.StatusGatewayTimeout, "the gateway did not answer in time", false},
	}
}

// failures documents the answers that have one of the codes, by status.
func failures(codes ...string) map[string]*huma.Response {
	responses := map[string]*huma.Response{}
	for _, c := range problemCodes() {
		if !slices.Contains(codes, c.code) {
			continue
		}
		status := strconv.Itoa(c.status)
		r := responses[status]
		if r == nil {
			r = &huma.Response{Content: media("application/problem+json", &huma.Schema{Ref: refOf("Problem")})}
			responses[status] = r
		} else {
			r.Description += "; "
		}
		r.Description += c.code + ": " + c.meaning
		if c.later {
			r.Headers = map[string]*huma.Param{"Retry-After": {
				Description: "Seconds to wait before the next attempt.", Schema: &huma.Schema{Type: huma.TypeInteger},
			}}
		}
	}
	for _, r := range responses {
		r.Description += "."
	}
	return responses
}

// commonCodes are those of every operation of /v1.
func commonCodes() []string {
	return []string{codeUnauthorized, codeForbidden, codeInvalid, codeInternal, codeDatabase}
}

// bodyCodes are those of every operation that has a body.
func bodyCodes() []string { return []string{codeInvalidJSON, codeTooLarge} }

// lookCodes are those of an operation that may ask the gateway about an order.
func lookCodes() []string {
	return []string{codeNotFound, codeGatewayFailed, codeGatewayPaused, codeGatewayTimeout}
}
