package nopayn_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheSDKPageIsTrue holds docs/sdk.md against this package: each name that it gives exists, each file that it links
// to is there, and each line of Go that it quotes is one of the example.
func TestTheSDKPageIsTrue(t *testing.T) {
	page := read(t, "../../docs/sdk.md")
	known := exported(t)
	found := 0
	for _, m := range regexp.MustCompile("`([A-Za-z]+\\.[A-Z][A-Za-z]*)`").FindAllStringSubmatch(page, -1) {
		name := strings.TrimPrefix(m[1], "nopayn.")
		found++
		if !known[name] {
			t.Errorf("the page names %s, which does not exist", m[1])
		}
	}
	if found < 80 {
		t.Errorf("only %d names were found on the page: the test has lost its edge", found)
	}
	for _, m := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("../../docs", m[1])); err != nil {
			t.Errorf("the page links to %s: %v", m[1], err)
		}
	}
	example := read(t, "example_test.go")
	for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(m[1]) {
			if !strings.Contains(example, "\t"+line) {
				t.Errorf("the example does not have the line %q", line)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exported lists this package's exported names: functions, types, constants, and as Type.Name methods and fields.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	pkg, err := doc.NewFromFiles(set, parsed, "webhookd/internal/nopayn")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range pkg.Funcs {
		known[f.Name] = true
	}
	addConstants(known, pkg.Consts)
	for _, typ := range pkg.Types {
		addType(known, typ)
	}
	return known
}

func addConstants(known map[string]bool, groups []*doc.Value) {
	for _, group := range groups {
		for _, name := range group.Names {
			known[name] = true
		}
	}
}

func addType(known map[string]bool, typ *doc.Type) {
	known[typ.Name] = true
	addConstants(known, typ.Consts)
	for _, f := range typ.Funcs {
		known[f.Name] = true
	}
	for _, f := range typ.Methods {
		known[typ.Name+"."+f.Name] = true
	}
	for _, spec := range typ.Decl.Specs {
		fields, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				known[typ.Name+"."+name.Name] = true
			}
		}
	}
}
