// Package openapicheck holds what is said over HTTP against the service's own OpenAPI document. It is for tests: theirs
// are the requests and answers that show whether the document is true.
package openapicheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Document is an OpenAPI document, read for what the checks need.
type Document struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]Operation `json:"paths"` // by path, and method in lower case
	Components struct {
		Schemas map[string]Schema `json:"schemas"`
	} `json:"components"`
}

// Operation is what the document says of a route's method.
type Operation struct {
	Description string                `json:"description"`
	Parameters  []Parameter           `json:"parameters"`
	RequestBody *Body                 `json:"requestBody"`
	Responses   map[string]Response   `json:"responses"` // by status
	Security    []map[string][]string `json:"security"`
}

// Parameter is one of the path, the query or the header.
type Parameter struct {
	Name        string `json:"name"`
	In          string `json:"in"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Example     any    `json:"example"`
	Schema      Schema `json:"schema"`
}

// Body is what is sent, by content type.
type Body struct {
	Required bool             `json:"required"`
	Content  map[string]Media `json:"content"`
}

// Response is an answer with one status.
type Response struct {
	Description string           `json:"description"`
	Headers     map[string]any   `json:"headers"`
	Content     map[string]Media `json:"content"`
}

// Media is one type of content.
type Media struct {
	Schema   Schema             `json:"schema"`
	Examples map[string]Example `json:"examples"`
}

// Example is one of a medium's, by name.
type Example struct {
	Value any `json:"value"`
}

// Read reads a document.
func Read(text []byte) (*Document, error) {
	d := &Document{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return d, nil
}

// Operation finds what the document says of a request's route.
func (d *Document) Operation(r *http.Request) (Operation, bool) {
	for path, methods := range d.Paths {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, `[^/]+`)
		if regexp.MustCompile("^" + pattern + "$").MatchString(r.URL.EscapedPath()) {
			op, ok := methods[strings.ToLower(r.Method)]
			return op, ok
		}
	}
	return Operation{}, false
}

// Faults lists in what a request, if it was taken, and its answer are not as documented. A route that is not in the
// document has none, nor has the body of an answer without end.
func (d *Document) Faults(r *http.Request, sent []byte, a *http.Response, body []byte) []string {
	op, ok := d.Operation(r)
	if !ok {
		return nil
	}
	var faults []string
	if a.StatusCode < http.StatusBadRequest {
		faults = append(d.queryFaults(op, r), d.bodyFaults(op, sent)...)
	}
	faults = append(faults, d.answerFaults(op, a, body)...)
	for i, fault := range faults {
		faults[i] = r.Method + " " + r.URL.Path + ": " + fault
	}
	return faults
}

// queryFaults is about the parameters that were taken.
func (d *Document) queryFaults(op Operation, r *http.Request) []string {
	var faults []string
	for name, values := range r.URL.Query() {
		i := slices.IndexFunc(op.Parameters, func(p Parameter) bool { return p.In == "query" && p.Name == name })
		if i < 0 {
			faults = append(faults, name+" was taken, and is not documented")
			continue
		}
		schema := op.Parameters[i].Schema
		for _, fault := range d.SchemaFaults(schema, parameter(values[0], schema), "query."+name) {
			faults = append(faults, "was taken: "+fault)
		}
	}
	return faults
}

// parameter reads a query value as its schema says.
func parameter(text string, s Schema) any {
	if s.Type == "string" {
		return text
	}
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}

// bodyFaults is about a body that was taken.
func (d *Document) bodyFaults(op Operation, sent []byte) []string {
	var value any
	if json.Unmarshal(sent, &value) != nil {
		return nil // none, or none that JSON's own tests want looked at
	}
	if op.RequestBody == nil {
		return []string{"a body was taken, and is not documented"}
	}
	faults := d.schemaFaults(op.RequestBody.Content["application/json"].Schema, value, "body", false)
	for i, fault := range faults {
		faults[i] = "was taken: " + fault
	}
	return faults
}

// tellingHeaders are those that a client goes by, so that an answer which has one must be documented with it.
func tellingHeaders() []string { return []string{"Retry-After", "Allow", "WWW-Authenticate", "ETag"} }

func (d *Document) answerFaults(op Operation, a *http.Response, body []byte) []string {
	status := strconv.Itoa(a.StatusCode)
	response, ok := op.Responses[status]
	if !ok {
		return []string{"status " + status + " is not documented"}
	}
	var faults []string
	for _, name := range tellingHeaders() {
		if a.Header.Get(name) != "" && response.Headers[name] == nil {
			faults = append(faults, "header "+name+" is not documented for status "+status)
		}
	}
	if a.StatusCode == http.StatusNotModified {
		return faults
	}
	kind := a.Header.Get("Content-Type")
	media, ok := response.Content[kind]
	if !ok {
		return append(faults, fmt.Sprintf("content type %q is not documented for status %s", kind, status))
	}
	if kind == EventStream {
		return faults
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return append(faults, fmt.Sprintf("%v in %q", err, body))
	}
	return append(faults, d.SchemaFaults(media.Schema, value, "body")...)
}

// EventStream is the type of content that does not end.
const EventStream = "text/event-stream"
