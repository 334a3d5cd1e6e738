package handler

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"webhookd/internal/payment"
)

// The codes of problems. They are part of the API: a code is added, never changed. problemCodes says what they mean.
const (
	codeInvalidJSON      = "invalid_json"
	codeInvalidWebhook   = "invalid_webhook"
	codeUnauthorized     = "unauthorized"
	codeForbidden        = "forbidden"
	codeCrossOrigin      = "cross_origin"
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

	// Of operations; those of payment's objections are codes too.
	codeKeyMissing       = "idempotency_key_missing"
	codeUnderWay         = "under_way"
	codeOrderBusy        = "order_busy"
	codeKeyReused        = "key_reused"
	codePublicURLMissing = "public_url_missing"
	codeRefused          = "refused"
	codeNotSent          = "not_sent"
	codeOutcomeUnknown   = "outcome_unknown"
	codeAnswerLate       = "answer_late"
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
	codes := []problemCode{
		{codeInvalidJSON, http.StatusBadRequest, "the body is no JSON", false},
		{codeInvalidWebhook, http.StatusBadRequest, "the body names no order", false},
		{codeUnauthorized, http.StatusUnauthorized, "no key, or none that we know", false},
		{codeForbidden, http.StatusForbidden, "the key lacks a scope", false},
		{codeCrossOrigin, http.StatusForbidden, "a web page from elsewhere may change nothing, with API_AUTH=off", false},
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
		{codeKeyMissing, http.StatusBadRequest, "there is no Idempotency-Key", false},
		{codeUnderWay, http.StatusConflict, "the first request with this key is under way", true},
		{codeOrderBusy, http.StatusConflict, "another operation on this order is not over, or not known to be", true},
		{codeKeyReused, http.StatusUnprocessableEntity, "the key was used for another request", false},
		{codePublicURLMissing, http.StatusUnprocessableEntity, "PUBLIC_URL is not set", false},
		{codeRefused, http.StatusUnprocessableEntity, "the gateway will not do it", false},
		{codeNotSent, http.StatusBadGateway, "nothing was done, and the key may be used again", true},
		{codeOutcomeUnknown, http.StatusBadGateway, "it was sent, and the answer was lost", false},
		{codeAnswerLate, http.StatusGatewayTimeout, "it was sent, and the answer did not come in time", false},
	}
	for _, o := range payment.Objections() {
		codes = append(codes, problemCode{o.Code, http.StatusUnprocessableEntity, o.Phrase, false})
	}
	return codes
}

// movementCodes are those of an operation that moves money.
func movementCodes() []string {
	codes := []string{
		codeNotFound, codeKeyMissing, codeUnderWay, codeOrderBusy, codeKeyReused, codeRefused, codeNotSent,
	}
	for _, o := range payment.Objections() {
		codes = append(codes, o.Code)
	}
	return codes
}

// createCodes are those of the operation that makes orders.
func createCodes() []string {
	return []string{
		codeUnderWay, codeKeyReused, codeRefused, codeNotSent, codePublicURLMissing, codeOutcomeUnknown, codeAnswerLate,
	}
}

// failures documents the answers that have one of the codes, by status, with an example of each.
func failures(codes ...string) map[string]*huma.Response {
	responses := map[string]*huma.Response{}
	for _, c := range problemCodes() {
		if !slices.Contains(codes, c.code) {
			continue
		}
		status := strconv.Itoa(c.status)
		r := responses[status]
		if r == nil {
			content := media("application/problem+json", &huma.Schema{Ref: refOf("Problem")})
			content["application/problem+json"].Examples = map[string]*huma.Example{}
			r = &huma.Response{Content: content, Headers: c.headers()}
			responses[status] = r
		} else {
			r.Description += "; "
		}
		r.Description += c.code + ": " + c.meaning
		r.Content["application/problem+json"].Examples[c.code] = &huma.Example{Value: c.example()}
		if c.later {
			r.Headers["Retry-After"] = header("Seconds to wait before the next attempt.", huma.TypeInteger)
		}
	}
	for _, r := range responses {
		r.Description += "."
	}
	return responses
}

// headers documents what else a client may go by.
func (c problemCode) headers() map[string]*huma.Param {
	switch c.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return map[string]*huma.Param{"WWW-Authenticate": header("What is wrong with the key (RFC 6750).", huma.TypeString)}
	case http.StatusMethodNotAllowed:
		return map[string]*huma.Param{"Allow": header("The methods that the path knows.", huma.TypeString)}
	}
	return map[string]*huma.Param{}
}

// header documents a header of answers.
func header(description, kind string) *huma.Param {
	return &huma.Param{Description: description, Schema: &huma.Schema{Type: kind}}
}

// example is a problem with the code.
func (c problemCode) example() *Problem {
	p := newProblem(c.status, c.code, strings.ToUpper(c.meaning[:1])+c.meaning[1:]+".")
	p.RequestID = exampleRequestID
	if c.code == codeInvalid {
		p = invalid(InvalidField{Location: "query.limit", Message: "expected number <= 500"})
		p.RequestID = exampleRequestID
	}
	return p
}

// commonCodes are those of every operation of /v1.
func commonCodes() []string {
	return []string{codeUnauthorized, codeForbidden, codeMethodNotAllowed, codeInvalid, codeInternal, codeDatabase}
}

// changeCodes are those of every operation that is no mere question, and so may have a body.
func changeCodes() []string { return []string{codeCrossOrigin, codeInvalidJSON, codeTooLarge} }

// lookCodes are those of an operation that may ask the gateway about an order.
func lookCodes() []string {
	return []string{codeNotFound, codeGatewayFailed, codeGatewayPaused, codeGatewayTimeout}
}
