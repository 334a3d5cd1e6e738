package handler

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// jsonBody reads the body before huma does, which would call one that breaks off our own fault, and would let members
// through that differ from a known one in upper and lower case only. The type that the body claims to have is not
// looked at. No body at all is as good as {}.
func jsonBody(schemas huma.Registry) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humachi.Unwrap(ctx)
		body, p := checkedBody(r, ctx.Operation().RequestBody.Content["application/json"].Schema, schemas)
		if p != nil {
			p.write(exchangeOf(r.Context()))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		next(ctx)
	}
}

// checkedBody returns the body if it is JSON without unknown or repeated members.
func checkedBody(r *http.Request, s *huma.Schema, schemas huma.Registry) ([]byte, *Problem) {
	var buffer bytes.Buffer
	if err := readBody(exchangeOf(r.Context()), r, &buffer); err != nil {
		if tooLarge(err) {
			return nil, bodyTooLarge()
		}
		return nil, newProblem(http.StatusBadRequest, codeInvalidJSON, "The body did not arrive.").because(err)
	}
	body := bytes.TrimSpace(buffer.Bytes())
	if len(body) == 0 {
		return []byte("{}"), nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		var outOfRange *json.UnmarshalTypeError
		if errors.As(err, &outOfRange) {
			return nil, invalid(InvalidField{Location: "body", Message: "expected numbers of a sensible size"})
		}
		return nil, newProblem(http.StatusBadRequest, codeInvalidJSON, "The body is not JSON.")
	}
	if at := repeatedMember(json.NewDecoder(bytes.NewReader(body)), "body"); at != "" {
		return nil, invalid(InvalidField{Location: at, Message: "given more than once"})
	}
	if unknown := unknownMembers(value, s, schemas, "body"); len(unknown) > 0 {
		slices.SortFunc(unknown, func(a, b InvalidField) int { return strings.Compare(a.Location, b.Location) })
		return nil, invalid(unknown...)
	}
	return body, nil
}

// repeatedMember is where a value that is known to be JSON has a member twice, or empty. What checks a body in front of
// us may go by the first of two amounts, and we by the last.
func repeatedMember(d *json.Decoder, at string) (location string) {
	token, err := d.Token()
	open, nested := token.(json.Delim)
	if err != nil || !nested {
		return ""
	}
	seen := map[string]bool{}
	for d.More() && location == "" {
		inside := at
		if open == '{' {
			token, _ := d.Token() // known to be good
			name, _ := token.(string)
			inside += "." + name
			if seen[name] {
				return inside
			}
			seen[name] = true
		}
		location = repeatedMember(d, inside)
	}
	_, _ = d.Token() // the end
	return location
}

// free reports whether an object may have any members, as a map has.
func free(s *huma.Schema) bool {
	_, ok := s.AdditionalProperties.(*huma.Schema)
	return ok
}

// unknownMembers lists the members of v, at any depth, that a schema does not have. Their names are compared exactly:
// Go's decoder does not, so with two spellings of a name it would take one value and huma check the other.
func unknownMembers(v any, s *huma.Schema, schemas huma.Registry, at string) []InvalidField {
	if s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	var unknown []InvalidField
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if s.Items != nil {
				unknown = append(unknown, unknownMembers(item, s.Items, schemas, at)...)
			}
		}
	case map[string]any:
		for name, member := range v {
			location := at + "." + name
			if known := s.Properties[name]; known != nil {
				unknown = append(unknown, unknownMembers(member, known, schemas, location)...)
			} else if s.Type == huma.TypeObject && !free(s) {
				unknown = append(unknown, InvalidField{Location: location, Message: "unknown member"})
			}
		}
	}
	return unknown
}
