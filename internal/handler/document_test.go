package handler_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
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
	Paths      map[string]map[string]described `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type described struct {
	Parameters []struct {
		Name   string `json:"name"`
		In     string `json:"in"`
		Schema schema `json:"schema"`
	} `json:"parameters"`
	Description string `json:"description"`
	RequestBody struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Security  []map[string][]string `json:"security"`
	Responses map[string]struct {
		Description string         `json:"description"`
		Headers     map[string]any `json:"headers"`
		Content     map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Pattern    string            `json:"pattern"`
	Examples   []any             `json:"examples"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	AnyOf      []schema          `json:"anyOf"`
	Additional any               `json:"additionalProperties"`
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
	if a.StatusCode < 300 {
		d.checkRequest(t, op, a.Request)
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

// checkRequest fails the test if a request that was taken is not as documented.
func (d *document) checkRequest(t testing.TB, op described, r *http.Request) {
	t.Helper()
	for name, values := range r.URL.Query() {
		documented := false
		for _, p := range op.Parameters {
			if p.In == "query" && p.Name == name {
				documented = true
				if !p.Schema.allows(parameter(values[0], p.Schema)) {
					t.Errorf("%s %s: %s=%s was taken, and is not as documented", r.Method, r.URL.Path, name, values[0])
				}
			}
		}
		if !documented {
			t.Errorf("%s %s: %s was taken, and is not documented", r.Method, r.URL.Path, name)
		}
	}
	if r.GetBody == nil {
		return
	}
	body, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.NewDecoder(body).Decode(&value); err != nil {
		return // none, or none that JSON's own tests want looked at
	}
	media, ok := op.RequestBody.Content["application/json"]
	if !ok {
		t.Errorf("%s %s: a body was taken, and is not documented", r.Method, r.URL.Path)
		return
	}
	if members, ok := value.(map[string]any); ok && media.Schema.Additional == true {
		maps.DeleteFunc(members, func(name string, _ any) bool {
			_, known := media.Schema.Properties[name]
			return !known
		})
	}
	for _, fault := range d.faults(media.Schema, value, "body") {
		t.Errorf("%s %s was taken: %s", r.Method, r.URL.Path, fault)
	}
}

// parameter reads a query value as its schema says.
func parameter(text string, s schema) any {
	if s.Type == "string" {
		return text
	}
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}

// operation finds what the document says of a request's route.
func (d *document) operation(r *http.Request) (described, bool) {
	for path, methods := range d.Paths {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, `[^/]+`)
		if regexp.MustCompile("^" + pattern + "$").MatchString(r.URL.EscapedPath()) {
			op, ok := methods[strings.ToLower(r.Method)]
			return op, ok
		}
	}
	return described{}, false
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
				if _, any := s.Additional.(map[string]any); any {
					continue
				}
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
	text, ok := v.(string)
	if ok && s.Format == "date-time" {
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	if ok && s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text) {
		return false
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
		return name == "number" || name == "integer" && v == math.Trunc(v)
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
		"GET /v1/events", "GET /v1/events/stream", "GET /v1/merchant-orders/{ref}", "GET /v1/operations/{key}",
		"GET /v1/orders", "GET /v1/orders/{id}", "GET /v1/orders/{id}/history", "POST /v1/orders",
		"POST /v1/orders/{id}/captures", "POST /v1/orders/{id}/refresh", "POST /v1/orders/{id}/refunds",
		"POST /v1/orders/{id}/voids", "POST /webhooks/costplus/{token}", "PUT /v1/orders/{id}",
	}
	if !slices.Equal(routes, want) {
		t.Errorf("documented are %v, want %v", routes, want)
	}
}

// TestDocumentSaysEnough wants of each operation which scope it needs, and what its errors mean.
func TestDocumentSaysEnough(t *testing.T) {
	s := start(t, config(), newFake())
	for path, methods := range s.doc.Paths {
		for method, op := range methods {
			name := strings.ToUpper(method) + " " + path
			for status, response := range op.Responses {
				if response.Description == "" || status >= "400" && response.Description == http.StatusText(number(t, status)) {
					t.Errorf("%s: %s says %q", name, status, response.Description)
				}
				later := status == "503" || status == "429" || strings.Contains(response.Description, "under_way") ||
					strings.Contains(response.Description, "not_sent")
				if later != (response.Headers["Retry-After"] != nil) {
					t.Errorf("%s: %s has headers %v", name, status, response.Headers)
				}
			}
			if !strings.HasPrefix(path, "/v1/") {
				continue
			}
			scope := op.Security[0]["key"]
			if len(scope) != 1 || !strings.Contains(op.Description, "Needs the scope "+scope[0]+".") {
				t.Errorf("%s: scope %v, described as %q", name, scope, op.Description)
			}
			for _, status := range []string{"401", "403", "422", "500", "503"} {
				if !strings.Contains(op.Responses[status].Description, ": ") {
					t.Errorf("%s: %s names no code: %q", name, status, op.Responses[status].Description)
				}
			}
			asks := strings.Contains(op.Responses["502"].Description, "gateway_failed")
			if strings.Contains(op.Responses["503"].Description, "gateway_paused") != asks {
				t.Errorf("%s: 503 says %q", name, op.Responses["503"].Description)
			}
		}
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestExamples holds the document's examples against its schemas.
func TestExamples(t *testing.T) {
	s := start(t, config(), newFake())
	for _, name := range []string{"Order", "Event", "MerchantOrder", "Problem", "Registration"} {
		found := s.doc.Components.Schemas[name]
		if len(found.Examples) != 1 {
			t.Fatalf("%s has %d examples", name, len(found.Examples))
		}
		for _, fault := range s.doc.faults(found, found.Examples[0], name) {
			t.Error(fault)
		}
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
