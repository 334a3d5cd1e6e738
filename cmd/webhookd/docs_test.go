package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestQuotedTestsExist looks for every test that a page of docs names.
func TestQuotedTestsExist(t *testing.T) {
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	must(t, filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range declaration.FindAllSubmatch(source, -1) {
			declared[string(found[1])] = true
		}
		return err
	}))
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	quoted := 0
	name := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)[`/]")
	for _, page := range pages {
		text, err := os.ReadFile(page)
		must(t, err)
		for _, found := range name.FindAllSubmatch(text, -1) {
			quoted++
			if !declared[string(found[1])] {
				t.Errorf("%s names %s, which does not exist", filepath.Base(page), found[1])
			}
		}
	}
	if quoted < 20 {
		t.Errorf("the pages name %d tests: the test has lost its edge", quoted)
	}
}
