package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// TestThePageNamesEveryFlag holds docs/sandbox.md against the command.
func TestThePageNamesEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	new(options).flags().VisitAll(func(f *flag.Flag) {
		if !strings.Contains(page, "`-"+f.Name+"`") {
			t.Errorf("the page does not name the flag -%s", f.Name)
		}
	})
}
