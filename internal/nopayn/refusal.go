package nopayn

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	maxErrorBody  = 64 << 10 // bytes kept of a refusal
	maxMessage    = 200      // characters
	maxRetryAfter = time.Hour
)

// newAPIError reads a refusal. body must not hold the API key.
func newAPIError(operation string, res *http.Response, body []byte) *APIError {
	message, kind := explain(body)
	return &APIError{
		Operation:  operation,
		StatusCode: res.StatusCode,
		Message:    message,
		Type:       kind,
		Body:       body[:min(len(body), maxErrorBody)],
		RetryAfter: retryAfter(res.Header),
	}
}

// explain finds the message and the kind of error in a refusal's body, in any of the shapes of CONTRACT 5. The message
// is never empty. What is no JSON is not quoted: that is a proxy's page more often than a message.
func explain(body []byte) (message, kind string) {
	doc, err := parseJSON(body)
	if errors.Is(err, errSyntax) {
		return "Invalid JSON response", ""
	}
	fault := doc.member("error")
	switch {
	case fault.isObject():
		kind = fault.member("type").phrase()
		message = firstPhrase(fault.member("value"), fault.member("message"), fault.member("type"))
	case fault.isText():
		kind = fault.phrase()
		message = firstPhrase(doc.member("message"), fault)
	}
	if message == "" {
		message = firstPhrase(doc.member("detail"), doc.member("message"))
	}
	if message == "" {
		message = "Unknown error"
	}
	return message, kind
}

func firstPhrase(candidates ...value) string {
	for _, v := range candidates {
		if phrase := v.phrase(); phrase != "" {
			return phrase
		}
	}
	return ""
}

// phrase gives v as one short line for people: a string as it is, anything else as JSON; empty if there is nothing to
// say. Control characters become spaces, so that a message cannot forge a line of a log.
func (v value) phrase() string {
	var text string
	switch {
	case v.isAbsent():
		return ""
	case v.isText():
		text = v.unquote()
	default:
		text = v.compact()
	}
	if text == "{}" || text == "[]" {
		return ""
	}
	text = strings.TrimSpace(strings.Map(printable, text))
	runes := 0
	for i := range text {
		if runes++; runes > maxMessage {
			return text[:i]
		}
	}
	return text
}

// compact gives v as JSON without white space.
func (v value) compact() string {
	var out bytes.Buffer
	if err := json.Compact(&out, v); err != nil {
		return "" // cannot happen: v is well formed
	}
	return out.String()
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// retryAfter reads a Retry-After of seconds or of a date (RFC 9110, 10.2.3), bounded to what is sane. A date counts
// from the answer's own Date, so that the two clocks need not agree.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		from = time.Now()
	}
	return min(max(until.Sub(from), 0), maxRetryAfter)
}
