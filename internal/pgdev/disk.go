package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrNoDisk is returned where a file system of a cluster's own cannot be mounted.
var ErrNoDisk = errors.New("cannot mount a small disk, which takes Linux and root's rights")

// mountTimeout bounds mount and umount.
const mountTimeout = 10 * time.Second

// ballastFile takes up the room on a cluster's own disk.
const ballastFile = "ballast"

// mountDisk mounts a file system in memory at dir, and gives it to the account.
func mountDisk(ctx context.Context, dir string, megabytes int, acct account) error {
	uid, gid := os.Getuid(), os.Getgid()
	if acct.name != "" {
		uid, gid = int(acct.uid), int(acct.gid)
	}
	options := fmt.Sprintf("size=%dm,mode=0755,uid=%d,gid=%d", megabytes, uid, gid)
	if err := asRoot(ctx, "mount", "-t", "tmpfs", "-o", options, "pgdev", dir); err != nil {
		return fmt.Errorf("%w: %w", ErrNoDisk, err)
	}
	return nil
}

// isDisk reports whether a file system is mounted at dir.
func isDisk(dir string) bool {
	var here, above syscall.Stat_t
	return syscall.Stat(dir, &here) == nil && syscall.Stat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

// unmountDisk does not wait for those who still have a file open there.
func unmountDisk(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), mountTimeout)
	defer cancel()
	return asRoot(ctx, "umount", "--lazy", dir)
}

func asRoot(ctx context.Context, args ...string) error {
	if os.Geteuid() != 0 {
		args = append([]string{"sudo", "-n"}, args...)
	}
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// FillDisk takes all the room that is left on the disk that Options.DiskMB gave the cluster.
func (s *Server) FillDisk() error {
	if !s.files.disk {
		return errors.New("fill the disk: the cluster has none of its own")
	}
	f, err := os.OpenFile(filepath.Join(s.files.base, ballastFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	_, err = io.Copy(f, zeros{})
	if errors.Is(err, syscall.ENOSPC) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// EmptyDisk gives back what FillDisk took.
func (s *Server) EmptyDisk() error {
	return os.Remove(filepath.Join(s.files.base, ballastFile))
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
