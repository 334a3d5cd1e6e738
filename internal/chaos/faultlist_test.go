package chaos_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"webhookd/internal/chaos"
)

// TestNoFaultIsForgotten has every fault that the sandbox can make be one of a round's: it reads which functions of the
// sandbox return a fault, and which of them are called here.
func TestNoFaultIsForgotten(t *testing.T) {
	used := map[string]bool{}
	eachFile(t, ".", func(f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if of, ok := s.X.(*ast.Ident); ok && of.Name == "sandbox" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
	})
	made := 0
	eachFile(t, filepath.Join("..", "sandbox"), func(f *ast.File) {
		for _, d := range f.Decls {
			name, ok := makesFault(d)
			if !ok || name == "NewFault" { // of one's own
				continue
			}
			made++
			if !used[name] {
				t.Errorf("no round has the fault sandbox.%s", name)
			}
		}
	})
	if made < 20 {
		t.Errorf("the sandbox makes %d faults: they are not found any more", made)
	}
}

// TestFaultsAreTold by names that -only can tell apart.
func TestFaultsAreTold(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range chaos.Faults() {
		if f.Name == "" || f.About == "" || strings.Contains(f.Name, ",") || seen[f.Name] {
			t.Errorf("a fault is called %q, %q", f.Name, f.About)
		}
		seen[f.Name] = true
	}
}

// makesFault reports whether a declaration is of an exported function that returns a fault of the API or of webhooks.
func makesFault(d ast.Decl) (name string, ok bool) {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return "", false
	}
	result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return f.Name.Name, ok && (result.Name == "Fault" || result.Name == "WebhookFault")
}

// eachFile calls f with each file of a package's code, without its tests.
func eachFile(t *testing.T, dir string, f func(*ast.File)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		f(parsed)
	}
}
