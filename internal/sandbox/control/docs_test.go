package control

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"webhookd/internal/sandbox"
)

// TestThePageNamesEverything holds docs/sandbox.md against the control: its calls, its faults and what they break.
func TestThePageNamesEverything(t *testing.T) {
	text, err := os.ReadFile("../../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, kind := range faultKinds() {
		if !strings.Contains(page, "`"+kind.name+"`") {
			t.Errorf("the page does not name the fault %s", kind.name)
		}
	}
	for on := range strings.SplitSeq(shortNames(), ", ") {
		if !strings.Contains(page, "`"+on+"`") {
			t.Errorf("the page does not say that faults can be on %s", on)
		}
	}
	g := sandbox.New(sandbox.Config{})
	defer g.Close()
	routes, ok := New(g, Options{}).(chi.Routes)
	if !ok {
		t.Fatal("the routes cannot be listed")
	}
	err = chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasPrefix(route, "/sandbox/assets/") {
			return nil // of the manual
		}
		last := "`" + route[strings.LastIndex(route, "/"):] + "`" // as one of several beside the first
		if strings.HasPrefix(route, "/sandbox/") && !strings.Contains(page, route) && !strings.Contains(page, last) {
			t.Errorf("the page does not name %s %s", method, route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
