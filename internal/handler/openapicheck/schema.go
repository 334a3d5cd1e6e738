package openapicheck

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Schema is the part of JSON Schema that the document makes use of.
type Schema struct {
	Ref         string            `json:"$ref"`
	Description string            `json:"description"`
	Type        any               `json:"type"` // a name, or a list of names
	Format      string            `json:"format"`
	Pattern     string            `json:"pattern"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	MinLength   *int              `json:"minLength"`
	MaxLength   *int              `json:"maxLength"`
	Examples    []any             `json:"examples"`
	Enum        []any             `json:"enum"`
	Default     any               `json:"default"`
	Properties  map[string]Schema `json:"properties"`
	Required    []string          `json:"required"`
	Items       *Schema           `json:"items"`
	AnyOf       []Schema          `json:"anyOf"`
	Additional  any               `json:"additionalProperties"`
}

// SchemaFaults lists where v is not what s says, for an answer: it is stricter than the schema in that no member may be
// undocumented.
func (d *Document) SchemaFaults(s Schema, v any, at string) []string {
	return d.schemaFaults(s, v, at, true)
}

func (d *Document) schemaFaults(s Schema, v any, at string, strict bool) []string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		target, known := d.Components.Schemas[name]
		if !known {
			return []string{"there is no schema " + name}
		}
		return d.schemaFaults(target, v, at, strict)
	}
	if len(s.AnyOf) > 0 {
		fits := func(alternative Schema) bool { return len(d.schemaFaults(alternative, v, at, strict)) == 0 }
		if slices.ContainsFunc(s.AnyOf, fits) {
			return nil
		}
		return []string{at + " is none of the alternatives"}
	}
	if fault := s.fault(v); fault != "" {
		return []string{at + " is " + fmt.Sprint(v) + ", want " + fault}
	}
	var faults []string
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if s.Items != nil {
				faults = append(faults, d.schemaFaults(*s.Items, item, fmt.Sprintf("%s[%d]", at, i), strict)...)
			}
		}
	case map[string]any:
		faults = d.memberFaults(s, v, at, strict)
	}
	return faults
}

// memberFaults is schemaFaults for an object.
func (d *Document) memberFaults(s Schema, v map[string]any, at string, strict bool) []string {
	var faults []string
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			faults = append(faults, at+"."+name+" is missing")
		}
	}
	for name, member := range v {
		if known, ok := s.Properties[name]; ok {
			faults = append(faults, d.schemaFaults(known, member, at+"."+name, strict)...)
			continue
		}
		_, free := s.Additional.(map[string]any)
		if !free && (strict || s.Additional == false) {
			faults = append(faults, at+"."+name+" is not documented")
		}
	}
	return faults
}

// fault says what v by itself would have to be, or nothing.
func (s Schema) fault(v any) string {
	types, ok := s.Type.([]any)
	if !ok && s.Type != nil {
		types = []any{s.Type}
	}
	if len(types) > 0 && !slices.ContainsFunc(types, func(name any) bool { return hasType(v, name) }) {
		return fmt.Sprint(s.Type)
	}
	if v == nil {
		return ""
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return fmt.Sprint("one of ", s.Enum)
	}
	switch v := v.(type) {
	case string:
		return s.textFault(v)
	case float64:
		if s.Minimum != nil && v < *s.Minimum {
			return fmt.Sprint("at least ", *s.Minimum)
		}
		if s.Maximum != nil && v > *s.Maximum {
			return fmt.Sprint("at most ", *s.Maximum)
		}
	}
	return ""
}

func (s Schema) textFault(text string) string {
	n := utf8.RuneCountInString(text)
	switch {
	case s.MinLength != nil && n < *s.MinLength:
		return fmt.Sprint("at least ", *s.MinLength, " characters")
	case s.MaxLength != nil && n > *s.MaxLength:
		return fmt.Sprint("at most ", *s.MaxLength, " characters")
	case s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text):
		return "what " + s.Pattern + " matches"
	}
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			return s.Format
		}
	}
	return ""
}

func hasType(v, name any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}
