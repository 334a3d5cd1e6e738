package nopayn_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const fixtures = "testdata/fixtures"

// fixture reads one of the contract's fixtures.
func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(fixtures, name))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// fixtureCases reads a fixture that is a list of cases.
func fixtureCases[T any](tb testing.TB, name string) []T {
	tb.Helper()
	var cases []T
	if err := json.Unmarshal(fixture(tb, name), &cases); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	if len(cases) == 0 {
		tb.Fatalf("%s holds no cases", name)
	}
	return cases
}

type errorBody struct {
	Name    string `json:"name"`
	Status  int    `json:"http_status"`
	Type    string `json:"content_type"`
	Body    string `json:"raw_body"`
	Message string `json:"expect_message"`
}

type webhookBody struct {
	Name    string `json:"name"`
	Body    string `json:"raw_body"`
	Verdict string `json:"verdict"`
}
