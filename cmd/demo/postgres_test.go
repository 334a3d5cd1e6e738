package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRootTakesNoFolderOfOthers(t *testing.T) {
	base := t.TempDir()
	writable, link, file := filepath.Join(base, "writable"), filepath.Join(base, "link"), filepath.Join(base, "file")
	for _, err := range []error{
		os.Mkdir(writable, 0o777), os.Chmod(writable, 0o777), os.Symlink(base, link), os.WriteFile(file, nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{writable, link, file, filepath.Join(base, "missing", "parent")} {
		if err := makeRootsFolder(dir); err == nil {
			t.Errorf("%s was taken", filepath.Base(dir))
		}
	}
	fresh := filepath.Join(base, "fresh")
	if err := makeRootsFolder(fresh); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(fresh)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the new folder: %v, %v, want mode 755", info.Mode(), err)
	}
	if err := makeRootsFolder(fresh); (err == nil) != (os.Geteuid() == 0) { // who is not root has made it
		t.Errorf("its second use by user %d: %v", os.Geteuid(), err)
	}
}
