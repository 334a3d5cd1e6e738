package nopayn

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// ValidationError means that a request was not sent, because the gateway would refuse it or might do something else
// than what was meant.
type ValidationError struct {
	Operation string       // what was asked for, as "create_order"
	Problems  []FieldError // all of them, at least one

	cause error // ErrInvalidID, or nil
}

// FieldError is one problem of a request. It shows nothing of the field's value.
type FieldError struct {
	Field   string // where in the request, as "order_lines[1].merchant_order_line_id"
	Problem string // what is wrong there, as "is blank"
}

// Error lists the problems on one line.
func (e *ValidationError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "NoPayn %s: not sent: ", e.Operation)
	for i, p := range e.Problems {
		if i > 0 {
			text.WriteString("; ")
		}
		text.WriteString(p.Field + " " + p.Problem)
	}
	return text.String()
}

// Unwrap gives [ErrInvalidID] if one of the problems is an id.
func (e *ValidationError) Unwrap() error { return e.cause }

// OutcomeUnknown is false: nothing was sent.
func (e *ValidationError) OutcomeUnknown() bool { return false }

// findings are the problems found in a request.
type findings struct {
	problems []FieldError
	cause    error
}

// check has look at a request and turns what it finds into a [*ValidationError].
func check(operation string, look func(*findings)) error {
	var f findings
	look(&f)
	if len(f.problems) == 0 {
		return nil
	}
	return &ValidationError{Operation: operation, Problems: f.problems, cause: f.cause}
}

// refuse notes a problem, the first of each field.
func (f *findings) refuse(field, problem string) {
	if slices.ContainsFunc(f.problems, func(known FieldError) bool { return known.Field == field }) {
		return
	}
	f.problems = append(f.problems, FieldError{Field: field, Problem: problem})
}

func (f *findings) id(field, id string) {
	if !ValidID(id) {
		f.refuse(field, "is not a valid id")
		f.cause = ErrInvalidID
	}
}

// amount wants at least 1, in minor units (CONTRACT 1.6).
func (f *findings) amount(field string, minor int64) {
	if minor < 1 {
		f.refuse(field, "must be at least 1")
	}
}

func (f *findings) required(field, text string) {
	if text == "" {
		f.refuse(field, "is missing")
	}
}

// notBlank wants a text, if there is one, to say something.
func (f *findings) notBlank(field string, text *string) {
	if text != nil && strings.TrimSpace(*text) == "" {
		f.refuse(field, "is blank")
	}
}

func (f *findings) currency(field, code string) {
	if !capitals(code, 3) {
		f.refuse(field, "must be three capital letters")
	}
}

// header wants a text that a header can hold, or nothing.
func (f *findings) header(field, text string) {
	unfit := func(r rune) bool { return r < ' ' || r > '~' }
	switch {
	case strings.ContainsFunc(text, unfit):
		f.refuse(field, "holds a character that is not printable ASCII")
	case text != "" && strings.TrimSpace(text) != text:
		f.refuse(field, "begins or ends with a space")
	}
}

// rate wants hundredths of a percent, or nothing.
func (f *findings) rate(field string, rate *int) {
	const all = 10_000
	if rate != nil && (*rate < 0 || *rate > all) {
		f.refuse(field, "must be from 0 to 10000 hundredths of a percent")
	}
}

func (f *findings) webURL(field, text string) {
	if text != "" && !isWebURL(text) {
		f.refuse(field, "must be an absolute http or https URL")
	}
}

// locale wants the form en-GB; which languages there are is for the gateway to say (CONTRACT 9.1).
func (f *findings) locale(field, text string) {
	if text != "" && !localeForm.MatchString(text) {
		f.refuse(field, "must have the form en-GB")
	}
}

// period wants an ISO 8601 duration of some length.
func (f *findings) period(field, text string) {
	if text != "" && !isPeriod(text) {
		f.refuse(field, "must be a positive ISO 8601 duration, as PT30M")
	}
}

// captureMode wants a known one, and a period for a capture that the gateway makes at its end (CONTRACT 2.1).
func (f *findings) captureMode(field string, mode CaptureMode, period string) {
	f.oneOf(field, string(mode), string(CaptureManual), string(CaptureDelayed))
	if mode == CaptureDelayed && period == "" {
		f.refuse(field, "needs an expiration_period to be delayed")
	}
}

// oneOf wants one of these words, or nothing.
func (f *findings) oneOf(field, text string, words ...string) {
	if text != "" && !slices.Contains(words, text) {
		f.refuse(field, "must be one of "+strings.Join(words, ", "))
	}
}

// country wants a code of two capital letters, or nothing.
func (f *findings) country(field, code string) {
	if code != "" && !capitals(code, 2) {
		f.refuse(field, "must be two capital letters")
	}
}

func (f *findings) addressType(field, kind string) {
	f.oneOf(field, kind, "customer", "billing", "delivery")
}

// index names an item of a list.
func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

var (
	localeForm = regexp.MustCompile(`^[a-z]{2,3}-[A-Z]{2}$`)
	periodForm = regexp.MustCompile(`^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?$`)
)

// isPeriod reports whether text is an ISO 8601 duration longer than nothing, as PT30M, P7D or P0Y0M0DT0H15M0S.
func isPeriod(text string) bool {
	return periodForm.MatchString(text) && !strings.HasSuffix(text, "T") && strings.ContainsAny(text, "123456789")
}

func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

// capitals reports whether text is n capital letters.
func capitals(text string, n int) bool {
	notCapital := func(r rune) bool { return r < 'A' || r > 'Z' }
	return len(text) == n && !strings.ContainsFunc(text, notCapital)
}
