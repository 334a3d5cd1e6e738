package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// lockFile makes or opens the file at path and locks it, waiting for whoever holds it until ctx ends. The lock
// lasts until all copies of the file are closed, also those that children inherit, so the kernel releases it
// however its holders end. The number in the file is for people to read; numbers of processes are given again, and
// differ between containers.
func lockFile(ctx context.Context, path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := waitForLock(ctx, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writePID(f *os.File) error {
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

func waitForLock(ctx context.Context, f *os.File) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := tryLock(f)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			// A number that cannot be read makes the message no less true.
			holder, _ := io.ReadAll(io.LimitReader(f, 20))
			return fmt.Errorf("%s is in use by process %s: %w", f.Name(), strings.TrimSpace(string(holder)), ctx.Err())
		case <-tick.C:
		}
	}
}

// tryLock fails with syscall.EWOULDBLOCK when another holds the lock.
func tryLock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return nil
}
