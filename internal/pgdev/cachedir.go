package pgdev

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// rootsCache is root's cache: its own is in a home folder, which the server's account cannot enter.
const rootsCache = "/var/tmp/webhookd-pgdev"

// cacheDir is the folder for fetched servers, or empty for a user without a home.
func cacheDir() string {
	if os.Geteuid() == 0 {
		return rootsCache
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "webhookd")
}

// makeCache makes the folder. Where root runs it, it refuses one that others could have put programs into.
func makeCache(dir string) error {
	if os.Geteuid() != 0 {
		return os.MkdirAll(dir, 0o755)
	}
	if err := os.Mkdir(dir, 0o755); err == nil {
		return os.Chmod(dir, 0o755) // whatever the umask
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || info.Sys().(*syscall.Stat_t).Uid != 0 {
		return fmt.Errorf("%s is not a folder that only root can write", dir)
	}
	return nil
}
