package handler

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// strictQuery refuses a query that does not say what it seems to: with a misspelt filter, or one that came out empty, a
// list of the orders that may ship would be a list of all orders. So every parameter must be one that the operation
// has, be given once, and have a value: true or false where it is a truth.
func strictQuery(ctx huma.Context, next func(huma.Context)) {
	r, _ := humachi.Unwrap(ctx)
	if r.URL.RawQuery == "" {
		next(ctx)
		return
	}
	if wrong := wrongParameters(r.URL.RawQuery, ctx.Operation()); len(wrong) > 0 {
		invalid(wrong...).write(exchangeOf(r.Context()))
		return
	}
	next(ctx)
}

// wrongParameters lists what is wrong with a query, apart from its values' meaning, by name.
func wrongParameters(raw string, op *huma.Operation) []InvalidField {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return []InvalidField{{Location: "query", Message: "expected name=value, escaped and joined by &"}}
	}
	var wrong []InvalidField
	for name, values := range query {
		if message := wrongParameter(name, values, op); message != "" {
			wrong = append(wrong, InvalidField{Location: "query." + name, Message: message})
		}
	}
	slices.SortFunc(wrong, func(a, b InvalidField) int { return strings.Compare(a.Location, b.Location) })
	return wrong
}

// wrongParameter says what is wrong with one parameter, or nothing.
func wrongParameter(name string, values []string, op *huma.Operation) string {
	i := slices.IndexFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
	switch {
	case i < 0:
		return "unknown query parameter"
	case len(values) > 1:
		return "expected one value"
	case values[0] == "":
		return "expected a value"
	case !utf8.ValidString(values[0]):
		return "expected UTF-8"
	case op.Parameters[i].Schema.Type == huma.TypeBoolean && values[0] != "true" && values[0] != "false":
		return "expected true or false" // huma would take 1, T and more
	}
	return ""
}

// maxLocation bounds what is repeated of a name that the client chose.
const maxLocation = 100

// invalid returns the problem of a request with these faults.
func invalid(fields ...InvalidField) *Problem {
	for i, f := range fields {
		if len(f.Location) > maxLocation {
			fields[i].Location = strings.ToValidUTF8(f.Location[:maxLocation], "")
		}
	}
	p := newProblem(http.StatusUnprocessableEntity, codeInvalid, fields[0].Location+": "+fields[0].Message+".")
	p.Errors = fields
	return p
}

// pointer is nil for a zero value, where that means that there was none.
func pointer[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
