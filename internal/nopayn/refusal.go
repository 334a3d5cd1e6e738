package nopayn

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
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

// newAPIError reads a refusal, and leaves the secrets out of whatever it keeps of it.
func newAPIError(operation string, res *http.Response, body []byte, s secrets) *APIError {
	e := &APIError{Operation: operation, StatusCode: res.StatusCode, RetryAfter: retryAfter(res.Header)}
	doc, err := parseJSON(body)
	if errors.Is(err, errSyntax) {
		// Not quoted in the message: that is a proxy's page more often than words for people.
		e.Message, e.Body = "Invalid JSON response", s.hideInBody(body)
	} else {
		fault := doc.member("error")
		e.Message, e.Type = s.explain(doc)
		e.Property, e.InnerStatus = s.phrase(fault.member("property_path")), innerStatus(fault)
		e.Body = s.hideIn(doc, maxErrorBody)
	}
	e.Body = e.Body[:min(len(e.Body), maxErrorBody)]
	return e
}

// refuses reports whether a 2xx answer is a refusal in disguise. An error that says nothing is none, beside a document
// that says something of its own.
func refuses(doc value) bool {
	fault := doc.member("error")
	if fault == nil {
		return false
	}
	if !fault.saysNothing() && string(fault) != "false" {
		return true
	}
	for name := range doc.members() {
		switch string(name) {
		case "error", "detail", "message":
		default:
			return false
		}
	}
	return true
}

// innerStatus reads error.status, which is a number or a text (CONTRACT 5, shape A3); it is 0 if that is no status.
func innerStatus(fault value) int {
	v := fault.member("status")
	text := string(v)
	if v.isText() {
		text = v.unquote()
	}
	status, err := strconv.Atoi(text)
	if err != nil || status < 100 || status > 599 {
		return 0
	}
	return status
}

// explain finds the message and the kind of error in a refusal's document, in any of the shapes of CONTRACT 5. The
// message is never empty.
func (s secrets) explain(doc value) (message, kind string) {
	fault := doc.member("error")
	switch {
	case fault.isObject():
		kind = s.phrase(fault.member("type"))
		message = s.firstPhrase(fault.member("value"), fault.member("message"), fault.member("type"))
	case fault.isText():
		kind = s.phrase(fault)
		message = s.firstPhrase(doc.member("message"), fault)
	}
	if message == "" {
		message = s.firstPhrase(doc.member("detail"), doc.member("message"))
	}
	if message == "" {
		message = "Unknown error"
	}
	return message, kind
}

func (s secrets) firstPhrase(candidates ...value) string {
	for _, v := range candidates {
		if phrase := s.phrase(v); phrase != "" {
			return phrase
		}
	}
	return ""
}

// phrase gives v as one short line for people: a string as it is, anything else as JSON; empty if there is nothing to
// say. Control characters become spaces, so that a message cannot forge a line of a log.
func (s secrets) phrase(v value) string {
	if v.saysNothing() {
		return ""
	}
	var text string
	if v.isText() {
		text = s.hide(v.unquote())
	} else {
		text = value(s.hideIn(v, math.MaxInt)).compact()
	}
	text = s.hide(strings.TrimSpace(strings.Map(printable, text))) // again, since a space may complete a secret
	runes := 0
	for i := range text {
		if runes++; runes > maxMessage {
			return text[:i]
		}
	}
	return text
}

// saysNothing reports whether v is absent, empty or blank.
func (v value) saysNothing() bool {
	switch {
	case v.isAbsent():
		return true
	case v.isText():
		return strings.TrimSpace(v.unquote()) == ""
	}
	text := v.compact()
	return text == "{}" || text == "[]"
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
