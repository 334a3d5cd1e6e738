package handler_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"webhookd/internal/handler/openapicheck"
)

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
		"GET /openapi.json", "GET /v1/events", "GET /v1/events/stream", "GET /v1/merchant-orders/{ref}",
		"GET /v1/operations/{key}",
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
			for _, status := range []string{"401", "403", "405", "422", "500", "503"} {
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

// TestExamples wants an example of all that is sent and answered, and holds it against its schema.
func TestExamples(t *testing.T) {
	s := start(t, config(), newFake())
	check := func(at string, schema openapicheck.Schema, example any) {
		t.Helper()
		if example == nil {
			if name, ok := strings.CutPrefix(schema.Ref, "#/components/schemas/"); ok {
				schema = s.doc.Components.Schemas[name]
			}
			if len(schema.Examples) == 0 {
				t.Errorf("%s has no example", at)
				return
			}
			example = schema.Examples[0]
		}
		for _, fault := range s.doc.SchemaFaults(schema, example, at) {
			if !strings.HasSuffix(fault, " is not documented") || schema.Additional != true {
				t.Error(fault)
			}
		}
	}
	for path, methods := range s.doc.Paths {
		for method, op := range methods {
			at := method + " " + path
			for _, p := range op.Parameters {
				if p.Description == "" && p.Schema.Description == "" && p.Schema.Enum == nil && p.Name != "limit" {
					t.Errorf("%s: nothing says what %s is", at, p.Name)
				}
				if p.Schema.Enum == nil && p.Schema.Type != "boolean" && p.Schema.Default == nil {
					check(at+" "+p.Name, p.Schema, p.Example)
				}
			}
			if op.RequestBody != nil {
				check(at+" body", op.RequestBody.Content["application/json"].Schema, nil)
			}
			for status, response := range op.Responses {
				for _, media := range response.Content {
					if status < "400" {
						check(at+" "+status, media.Schema, nil)
					}
					for code, example := range media.Examples {
						check(at+" "+code, media.Schema, example.Value)
						problem, _ := example.Value.(map[string]any)
						if fmt.Sprint(problem["status"]) != status || problem["code"] != code {
							t.Errorf("%s: the example of %s %s is %v", at, status, code, problem)
						}
					}
					if status >= "400" && len(media.Examples) == 0 {
						t.Errorf("%s: there is no example of status %s", at, status)
					}
				}
			}
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
