package pgdev_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"webhookd/internal/pgdev"
)

func TestFind(t *testing.T) {
	root := folder(t)
	machine := pgdev.Machine{
		Globs:   []string{filepath.Join(root, "usr/*/bin")},
		WorkDir: filepath.Join(root, "project/sub"),
		Cache:   filepath.Join(root, "cache"),
	}
	fake := func(dir, version string) {
		writeProgram(t, filepath.Join(root, dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
		writeProgram(t, filepath.Join(root, dir, "initdb"), "exit 1")
	}
	fake("usr/9/bin", "9.6.24")
	fake("usr/14/bin", "14.21 (Debian 14.21-1)")
	fake("usr/16/bin", "16.2")
	fake("usr/16b/bin", "16.11")
	writeProgram(t, filepath.Join(root, "usr/17/bin/postgres"), "echo 'postgres (PostgreSQL) 17.1'") // lacks initdb
	fake("usr/19/bin", "19devel")
	writeProgram(t, filepath.Join(root, "usr/19/bin/postgres"), "echo cannot open shared object file >&2; exit 127")
	fake("path", "13.0")
	fake("mine", "15.1")
	packaged := filepath.Join("project/node_modules", pgdev.NPMPackage(), "native/bin")

	for _, tt := range []struct {
		name, pgbin, path string
		packaged          bool
		major             int
		want              string // folder, or the error's end
	}{
		{name: "the newest that works", want: "usr/16b/bin"},
		{name: "of a kept cluster's version", major: 14, want: "usr/14/bin"},
		{name: "in PATH, of a kept cluster's version", path: "path", major: 13, want: "path"},
		{name: "named by PGBIN, though not the newest", pgbin: "mine", want: "mine"},
		{name: "in a node_modules above", packaged: true, want: packaged},
		{name: "none that is too old", major: 9, want: "none of it is installed"},
		{name: "no other than PGBIN", pgbin: "nowhere", want: "no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", filepath.Join(root, tt.path))
			t.Setenv("PGBIN", "")
			if tt.pgbin != "" {
				t.Setenv("PGBIN", filepath.Join(root, tt.pgbin))
			}
			if tt.packaged {
				fake(packaged, "18.4")
			}
			got, err := machine.Find(t.Context(), tt.major)
			if err != nil {
				got = err.Error()
			}
			if !strings.HasSuffix(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNothingInstalledSaysWhatToInstall(t *testing.T) {
	root := folder(t)
	t.Setenv("PGBIN", "")
	t.Setenv("PATH", root)
	for _, noFetch := range []bool{false, true} {
		_, err := pgdev.Machine{WorkDir: root, Cache: root}.Start(t.Context(), pgdev.Options{NoFetch: noFetch})
		if err == nil {
			t.Fatalf("NoFetch %v: a server started where none is installed", noFetch)
		}
		for _, want := range []string{"apt install postgresql", "brew install postgresql", "docker compose"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("NoFetch %v: %v\nwant it to name %q", noFetch, err, want)
			}
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != 3 {
			t.Errorf("NoFetch %v: the error has %d lines, want 3:\n%v", noFetch, lines, err)
		}
	}
}

// writeProgram makes a shell script.
func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
