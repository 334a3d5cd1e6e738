package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody is the longest body that is read, in bytes.
const maxBody = 1 << 20

// members is a JSON object that is read one member at a time. What is wrong with it is collected, so that all of it can
// be told at once. Members nobody has read are wrong too.
type members struct {
	raw  map[string]json.RawMessage
	left map[string]bool // not read yet
	path string          // of the object, with a dot at its end; empty at the top
	step int             // of a script; 0 outside one
	log  *findings
}

// findings is what is wrong with a body.
type findings struct{ all []wrong }

// readMembers returns the body of a request. An empty one stands for an object without members.
func readMembers(r *http.Request) (*members, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return parseMembers(body)
}

// readBody returns the body of a request, which must be said to be JSON.
func readBody(r *http.Request) ([]byte, error) {
	if err := requireJSON(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if errors.As(err, new(*http.MaxBytesError)) {
		return nil, &problem{
			Status: http.StatusRequestEntityTooLarge, Title: "Too long",
			Detail: fmt.Sprintf("the body is longer than %d bytes", maxBody),
		}
	}
	if err != nil {
		return nil, &problem{Status: http.StatusBadRequest, Title: "Unreadable", Detail: "the body could not be read"}
	}
	return body, nil
}

// parseMembers returns the JSON object in text.
func parseMembers(text []byte) (*members, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil || raw == nil {
		return nil, &problem{Status: http.StatusBadRequest, Title: "Not JSON", Detail: "the body must be a JSON object"}
	}
	return newMembers(raw, new(findings)), nil
}

func newMembers(raw map[string]json.RawMessage, log *findings) *members {
	m := &members{raw: raw, left: make(map[string]bool), log: log}
	for name := range raw {
		m.left[name] = true
	}
	return m
}

// refuse says what is wrong with a member.
func (m *members) refuse(name, reason string, args ...any) {
	m.log.all = append(m.log.all, wrong{Step: m.step, Member: m.path + name, Detail: fmt.Sprintf(reason, args...)})
}

func (m *members) has(name string) bool { return m.raw[name] != nil }

// read decodes a member, and reports whether it is there and fits.
func (m *members) read(name, what string, into any) bool {
	delete(m.left, name)
	text, present := m.raw[name]
	if !present {
		return false
	}
	if string(text) == "null" || json.Unmarshal(text, into) != nil {
		m.refuse(name, "must be %s", what)
		return false
	}
	return true
}

// text returns a string, "" when it is absent.
func (m *members) text(name string) string {
	var s string
	m.read(name, "a string", &s)
	return s
}

// integer returns a whole number from low to high, or absent when it is absent.
func (m *members) integer(name string, low, high, absent int64) int64 {
	what := fmt.Sprintf("a whole number from %d to %d", low, high)
	n := absent
	if m.read(name, what, &n) && (n < low || n > high) {
		m.refuse(name, "must be %s", what)
	}
	return n
}

// number returns a number from low to high, or absent when it is absent.
func (m *members) number(name string, low, high, absent float64) float64 {
	what := fmt.Sprintf("a number from %s to %s", plain(low), plain(high))
	n := absent
	if m.read(name, what, &n) && (n < low || n > high) {
		m.refuse(name, "must be %s", what)
	}
	return n
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// period returns a length of time that is not negative, or absent when it is absent.
func (m *members) period(name string, absent time.Duration) time.Duration {
	const what = `a length of time such as "1m30s"`
	var s string
	if !m.read(name, what, &s) {
		return absent
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		m.refuse(name, "must be %s", what)
		return absent
	}
	return d
}

// positive is period for a length of time that must not be nothing.
func (m *members) positive(name string, absent time.Duration) time.Duration {
	d := m.period(name, absent)
	if d == 0 && m.has(name) && !m.wrong(name) {
		m.refuse(name, "must be longer than nothing")
	}
	return d
}

// wrong reports whether something is wrong with a member.
func (m *members) wrong(name string) bool {
	return slices.ContainsFunc(m.log.all, func(w wrong) bool { return w.Step == m.step && w.Member == m.path+name })
}

// object returns a member that is an object, or ok false.
func (m *members) object(name string) (inner *members, ok bool) {
	var raw map[string]json.RawMessage
	if !m.read(name, "an object", &raw) {
		return nil, false
	}
	inner = newMembers(raw, m.log)
	inner.path, inner.step = m.path+name+".", m.step
	return inner, true
}

// end returns what is wrong with the object, nil if nothing is.
func (m *members) end() error {
	m.closed()
	if len(m.log.all) == 0 {
		return nil
	}
	var details []string
	for _, w := range m.log.all {
		details = append(details, w.String())
	}
	return &problem{
		Status: http.StatusUnprocessableEntity, Title: "Wrong values",
		Detail: strings.Join(details, "; "), Errors: m.log.all,
	}
}

// closed refuses the members that nobody has read.
func (m *members) closed() {
	for _, name := range slices.Sorted(maps.Keys(m.left)) {
		m.refuse(name, "is not known here")
	}
}

func (w wrong) String() string {
	if w.Step > 0 {
		return fmt.Sprintf("step %d: %s %s", w.Step, w.Member, w.Detail)
	}
	return w.Member + " " + w.Detail
}
