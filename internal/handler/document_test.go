package handler_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// document is an OpenAPI document, read for what the checks here need.
type document struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Parameters []struct {
		Name   string `json:"name"`
		In     string `json:"in"`
		Schema schema `json:"schema"`
	} `json:"parameters"`
	Security  []map[string][]string `json:"security"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	AnyOf      []schema          `json:"anyOf"`
}

func readDocument(t testing.TB, text []byte) *document {
	t.Helper()
	d := &document{}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatalf("the OpenAPI document: %v", err)
	}
	return d
}

// check fails the test if an answer of a documented operation is not as documented.
func (d *document) check(t testing.TB, a answer) {
	t.Helper()
	op, ok := d.operation(a.Request)
	if !ok || a.StatusCode == http.StatusNotModified {
		return
	}
	response, ok := op.Responses[strconv.Itoa(a.StatusCode)]
	if !ok {
		t.Errorf("%s %s: status %d is not documented", a.Request.Method, a.Request.URL.Path, a.StatusCode)
		return
	}
	media, ok := response.Content[a.Header.Get("Content-Type")]
	if !ok {
		t.Errorf("%s %s: content type %q is not documented for status %d",
			a.Request.Method, a.Request.URL.Path, a.Header.Get("Content-Type"), a.StatusCode)
		return
	}
	var body any
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Errorf("%s: %v", a.body, err)
		return
	}
	for _, fault := range d.faults(media.Schema, body, "body") {
		t.Errorf("%s %s: %s", a.Request.Method, a.Request.URL.Path, fault)
	}
}

// operation finds what the document says of a request's route.
func (d *document) operation(r *http.Request) (operation, bool) {
	for path, methods := range d.Paths {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, `[^/]+`)
		if regexp.MustCompile("^" + pattern + "$").MatchString(r.URL.Path) {
			op, ok := methods[strings.ToLower(r.Method)]
			return op, ok
		}
	}
	return operation{}, false
}

// faults lists where v is not what s says. It is stricter than the schema in one thing: no member is undocumented.
func (d *document) faults(s schema, v any, at string) []string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		target, known := d.Components.Schemas[name]
		if !known {
			return []string{"no schema " + name}
		}
		return d.faults(target, v, at)
	}
	if len(s.AnyOf) > 0 {
		for _, alternative := range s.AnyOf {
			if len(d.faults(alternative, v, at)) == 0 {
				return nil
			}
		}
		return []string{at + " is none of the alternatives"}
	}
	if !s.allows(v) {
		return []string{fmt.Sprintf("%s is %v, want %v %s %v", at, v, s.Type, s.Format, s.Enum)}
	}
	var faults []string
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			faults = append(faults, d.faults(*s.Items, item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				faults = append(faults, at+"."+name+" is missing")
			}
		}
		for name, member := range v {
			if _, ok := s.Properties[name]; !ok {
				faults = append(faults, at+"."+name+" is not documented")
				continue
			}
			faults = append(faults, d.faults(s.Properties[name], member, at+"."+name)...)
		}
	}
	return faults
}

// allows reports whether v has one of the types, the format and one of the values that s asks for.
func (s schema) allows(v any) bool {
	types, ok := s.Type.([]any)
	if !ok {
		types = []any{s.Type}
	}
	if !slices.ContainsFunc(types, func(name any) bool { return hasType(v, name) }) {
		return false
	}
	if text, ok := v.(string); ok && s.Format == "date-time" {
		at, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && at.Location() == time.UTC
	}
	return len(s.Enum) == 0 || slices.Contains(s.Enum, v)
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
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func TestDocument(t *testing.T) {
	s := start(t, config(), newFake())
	a := s.do("GET", "/openapi.json", "")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("GET /openapi.json: %s %s", a.Status, a.Header.Get("Content-Type"))
	}
	if !strings.HasPrefix(s.doc.OpenAPI, "3.1.") {
		t.Errorf("openapi %q, want 3.1", s.doc.OpenAPI)
	}
	for _, unwanted := range []string{"$schema", "ErrorModel", token} {
		if strings.Contains(string(a.body), unwanted) {
			t.Errorf("the document holds %q", unwanted)
		}
	}
	if holds := s.doc.Components.Schemas["Order"].Properties["holds"]; holds.Type != "array" {
		t.Errorf("holds are %v, want an array that is never null", holds.Type)
	}
	var routes []string
	for path, methods := range s.doc.Paths {
		for method, op := range methods {
			routes = append(routes, strings.ToUpper(method)+" "+path)
			if strings.HasPrefix(path, "/v1/") && len(op.Security) != 1 {
				t.Errorf("%s %s: security %v, want a scope", method, path, op.Security)
			}
		}
	}
	slices.Sort(routes)
	want := []string{
		"GET /v1/events", "GET /v1/orders", "GET /v1/orders/{id}", "GET /v1/orders/{id}/history",
		"POST /webhooks/costplus/{token}", "PUT /v1/orders/{id}",
	}
	if !slices.Equal(routes, want) {
		t.Errorf("documented are %v, want %v", routes, want)
	}
}

// What huma would serve of its own accord is not there.
func TestNoOtherPages(t *testing.T) {
	s := start(t, config(), newFake())
	for _, path := range []string{
		"/", "/docs", "/schemas/Order.json", "/openapi.yaml", "/openapi-3.0.json", "/openapi", "/v1", "/v1/", "/metrics",
	} {
		wantProblem(t, s.get(path), http.StatusNotFound, "not_found")
	}
}
