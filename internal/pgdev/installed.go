package pgdev

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// oldestMajor is the first version with DROP DATABASE WITH (FORCE).
const oldestMajor = 13

// programs is a folder with the programs initdb and postgres.
type programs struct {
	bin          string
	major, minor int
}

// machine is where programs are looked for.
type machine struct {
	globs   []string // the bin folders of packagers
	workDir string   // its node_modules and those of the folders above it are searched
	cache   string   // for fetched ones; may be empty
}

func thisMachine() (machine, error) {
	wd, err := os.Getwd()
	if err != nil {
		return machine{}, err
	}
	return machine{
		globs: []string{
			"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
			"/usr/pgsql-*/bin",                                   // Red Hat, from the Postgres project
			"/usr/libexec/postgresql*",                           // Alpine
			"/usr/lib/postgresql*/bin",                           // SUSE, older Alpine
			"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew
			"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
			"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
			"/Library/PostgreSQL/*/bin", "/usr/local/pgsql*/bin", // installers for macOS; built from source
		},
		workDir: wd,
		cache:   cacheDir(),
	}, nil
}

// programs finds the newest installed programs, of the given major version if that is not 0, or fetches some.
func (m machine) programs(
	ctx context.Context, acct account, major int, noFetch bool, log *serverLog,
) (programs, error) {
	if bin := os.Getenv("PGBIN"); bin != "" {
		found, err := inspect(ctx, acct, bin)
		if err != nil {
			return programs{}, fmt.Errorf("PGBIN: %w", err)
		}
		return found, nil
	}
	var found []programs
	for _, bin := range m.candidates() {
		if p, err := inspect(ctx, acct, bin); err == nil && (major == 0 || major == p.major) {
			found = append(found, p)
		}
	}
	if err := ctx.Err(); err != nil {
		return programs{}, err // and not "nothing found"
	}
	if len(found) > 0 {
		return slices.MaxFunc(found, func(a, b programs) int {
			return cmp.Or(cmp.Compare(a.major, b.major), cmp.Compare(a.minor, b.minor))
		}), nil
	}
	if major != 0 && major != npmMajor {
		return programs{}, fmt.Errorf("the kept cluster is of Postgres %d, and none of it is installed", major)
	}
	if noFetch {
		return programs{}, notInstalledError("fetching one is not allowed")
	}
	return m.fetch(ctx, acct, log)
}

// candidates lists the folders that may hold the programs.
func (m machine) candidates() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, glob := range m.globs {
		// The one error of Glob is a malformed pattern, and the patterns are ours.
		matches, _ := filepath.Glob(glob)
		dirs = append(dirs, matches...)
	}
	for dir := m.workDir; ; dir = filepath.Dir(dir) {
		dirs = append(dirs, npmBin(dir))
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if m.cache != "" {
		dirs = append(dirs, npmBin(fetchedDir(m.cache)))
	}
	return dirs
}

// inspect looks for the two programs in dir, or where dir's link to postgres leads, and asks for their version. It
// runs as the server's account, so that what that account cannot use is not found.
func inspect(ctx context.Context, acct account, dir string) (programs, error) {
	postgres, err := filepath.Abs(filepath.Join(dir, "postgres"))
	if err != nil {
		return programs{}, err
	}
	if postgres, err = filepath.EvalSymlinks(postgres); err != nil {
		return programs{}, err
	}
	p := programs{bin: filepath.Dir(postgres)}
	for _, program := range []string{"postgres", "initdb"} {
		if err := acct.canEnter(filepath.Join(p.bin, program)); err != nil {
			return programs{}, err
		}
		if _, err := exec.LookPath(filepath.Join(p.bin, program)); err != nil {
			return programs{}, err
		}
	}
	out, err := run(ctx, acct, "/", postgres, "--version")
	if err != nil {
		return programs{}, err
	}
	// A preview says "19devel": no minor number, which then stays 0.
	if n, err := fmt.Sscanf(out, "postgres (PostgreSQL) %d.%d", &p.major, &p.minor); n == 0 {
		return programs{}, fmt.Errorf("%s --version said %q: %w", postgres, out, err)
	}
	if p.major < oldestMajor {
		return programs{}, fmt.Errorf("%s is of version %d; %d or newer is needed", postgres, p.major, oldestMajor)
	}
	return p, nil
}

// notInstalledError says in three lines what to do.
func notInstalledError(reason string) error {
	return fmt.Errorf("no Postgres server (initdb and postgres) is installed, and %s; ways out:\n"+
		"  Debian, Ubuntu: apt install postgresql    macOS: brew install postgresql@18    elsewhere: set PGBIN\n"+
		"  with containers: docker compose -f deploy/compose.yaml up -d has one of its own", reason)
}
