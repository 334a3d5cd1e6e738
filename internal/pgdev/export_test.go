package pgdev

import "context"

// What tests outside the package need to put it on a machine that has nothing but what they made.

const (
	NPMVersion   = npmVersion
	SettlingTime = settlingTime
)

var (
	NPMPackage   = npmPackage
	NPMIntegrity = npmIntegrity
	FreePort     = freePort
)

// Machine is a machine with programs in the folders of globs and nowhere else but in PATH.
type Machine struct {
	Globs          []string
	WorkDir, Cache string
}

func (m Machine) machine() machine {
	return machine{globs: m.Globs, workDir: m.WorkDir, cache: m.Cache}
}

// Start is Start on that machine.
func (m Machine) Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, m.machine())
}

// InstalledBin is the folder of the programs that tests on this machine use.
func InstalledBin(ctx context.Context) (string, error) {
	m, err := thisMachine()
	if err != nil {
		return "", err
	}
	acct, err := serverAccount("")
	if err != nil {
		return "", err
	}
	p, err := m.programs(ctx, acct, 0, false, &serverLog{})
	return p.bin, err
}

// Find tells which folder the programs would be taken from.
func (m Machine) Find(ctx context.Context, major int) (string, error) {
	acct, err := serverAccount("")
	if err != nil {
		return "", err
	}
	p, err := m.machine().programs(ctx, acct, major, true, &serverLog{})
	return p.bin, err
}
