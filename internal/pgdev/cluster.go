package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ownerFile is the name of the file that is locked while a cluster is in use.
const ownerFile = "owner"

// inUseTimeout bounds the wait for a cluster's last user. The server of a process that was killed takes a moment to
// end.
const inUseTimeout = 15 * time.Second

// cluster is a folder of this package's with Postgres' own folder in it:
//
//	pgdev-123/owner   held locked by the process that opened the cluster and by its server
//	pgdev-123/data    what Postgres calls the data folder
type cluster struct {
	base  string
	data  string
	kept  bool
	disk  bool // base is a file system of its own
	owner *os.File
}

// openCluster opens the cluster in o.Dir, or makes one there or in a temporary folder.
func openCluster(ctx context.Context, o Options, acct account, progs programs) (cluster, error) {
	base, err := makeBase(o, acct)
	if err != nil {
		return cluster{}, err
	}
	c := cluster{base: base, data: filepath.Join(base, "data"), kept: o.Dir != ""}
	if o.DiskMB > 0 && !c.kept {
		if err := mountDisk(ctx, base, o.DiskMB, acct); err != nil {
			return cluster{}, errors.Join(err, c.close())
		}
		c.disk = true
	}
	if err := c.open(ctx, acct, progs, o.Durable); err != nil {
		return cluster{}, errors.Join(err, c.close())
	}
	return c, nil
}

// makeBase makes the folder unless it is there, and gives it to the server's account, whatever root's umask.
func makeBase(o Options, acct account) (string, error) {
	if o.Dir == "" {
		base, err := makeTemporary(temporaryRoots(o.Durable))
		if err != nil {
			return "", err
		}
		if err := acct.own(base); err != nil {
			return "", errors.Join(err, os.RemoveAll(base))
		}
		return base, nil
	}
	base, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(base); err == nil {
		return base, nil
	}
	return base, errors.Join(os.MkdirAll(base, 0o755), acct.own(base))
}

func (c *cluster) open(ctx context.Context, acct account, progs programs, durable bool) error {
	lockCtx, cancel := context.WithTimeout(ctx, inUseTimeout)
	defer cancel()
	var err error
	if c.owner, err = lockFile(lockCtx, filepath.Join(c.base, ownerFile)); err != nil {
		return err
	}
	if err := acct.canEnter(c.base); err != nil {
		return err
	}
	if _, err := os.Stat(c.data); err == nil {
		return nil
	}
	return c.initialize(ctx, acct, progs, durable)
}

// initialize runs initdb in a folder beside the data folder and renames it when it is whole, so that a kept cluster
// whose making was interrupted is made anew.
func (c *cluster) initialize(ctx context.Context, acct account, progs programs, durable bool) error {
	raw := c.data + ".new"
	if err := os.RemoveAll(raw); err != nil {
		return err
	}
	if err := os.Mkdir(raw, 0o700); err != nil {
		return err
	}
	if err := acct.own(raw); err != nil {
		return err
	}
	args := []string{"-D", raw, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"}
	if !c.kept && !durable {
		args = append(args, "--no-sync")
	}
	if _, err := run(ctx, acct, raw, filepath.Join(progs.bin, "initdb"), args...); err != nil {
		return fmt.Errorf("make a cluster: %w", err)
	}
	return os.Rename(raw, c.data)
}

// deathSignal is what the server gets when this process dies: a kept cluster is closed in order, and a throw-away
// one, which nobody will open again, need not be.
func (c *cluster) deathSignal() syscall.Signal {
	if c.kept {
		return syscall.SIGINT
	}
	return syscall.SIGQUIT
}

// close gives the cluster up, and removes it if it is temporary.
func (c *cluster) close() error {
	var removed, closed error
	if c.disk {
		removed = unmountDisk(c.base)
	}
	if !c.kept {
		removed = errors.Join(removed, os.RemoveAll(c.base))
	}
	if c.owner != nil {
		closed = c.owner.Close()
	}
	return errors.Join(removed, closed)
}

// clusterVersion is the major version of the cluster kept in dir, or 0 if there is none.
func clusterVersion(dir string) (int, error) {
	if dir == "" {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "data", "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("version of the cluster in %s: %w", dir, err)
	}
	return major, nil
}
