package pgdev

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// temporaryPrefix begins the names of temporary clusters' folders.
const temporaryPrefix = "pgdev-"

// settlingTime is how long a new folder is left alone by sweep: its maker may not have locked it yet.
const settlingTime = time.Minute

// temporaryRoots are the folders to try for a temporary cluster, best first: memory, unless the user named a folder.
func temporaryRoots(durable bool) []string {
	if durable || os.Getenv("TMPDIR") != "" {
		return []string{os.TempDir()}
	}
	return append(memoryRoots(), os.TempDir())
}

// makeTemporary makes a folder in the first root that takes it, and removes those there that were left behind.
func makeTemporary(roots []string) (string, error) {
	var failed []error
	for _, root := range roots {
		sweep(root)
		base, err := os.MkdirTemp(root, temporaryPrefix)
		if err == nil {
			return base, nil
		}
		failed = append(failed, err)
	}
	return "", errors.Join(failed...)
}

// sweep removes the clusters in root whose makers died without removing them. What cannot be removed is left: it
// may be another user's.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() || !strings.HasPrefix(e.Name(), temporaryPrefix) {
			continue
		}
		if time.Since(info.ModTime()) > settlingTime {
			removeOrphan(filepath.Join(root, e.Name()))
		}
	}
}

// removeOrphan removes the folder if it has an owner file that nobody holds locked. One without is not ours.
func removeOrphan(base string) {
	owner, err := os.OpenFile(filepath.Join(base, ownerFile), os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer owner.Close()
	if tryLock(owner) != nil {
		return
	}
	if isDisk(base) {
		_ = unmountDisk(base)
	}
	_ = os.RemoveAll(base)
}
