package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"webhookd/internal/pgdev"
)

const (
	folderName = "webhookd-demo"
	// rootsFolder is where root keeps the database: its cache is in a home that Postgres' account cannot enter.
	rootsFolder = "/var/tmp/" + folderName
)

// keptDir returns the folder that keeps the database, and makes it; empty if nothing is to be kept.
func keptDir(o options) (string, error) {
	if o.once {
		return "", nil
	}
	if o.dir == "" && os.Geteuid() == 0 {
		return rootsFolder, makeRootsFolder(rootsFolder)
	}
	dir := o.dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a folder for the database: %w; name one with -dir", err)
		}
		dir = filepath.Join(cache, folderName)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// makeRootsFolder makes a folder where everybody may make some, and takes none that another has made: there root would
// write into whatever files lie in wait.
func makeRootsFolder(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if err == nil {
		return os.Chmod(dir, 0o755) // whatever the umask: Postgres' account has to enter it
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid != 0 || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder that only root can write to; name another one with -dir", dir)
	}
	return nil
}

// startDatabase starts Postgres, with a cluster in dir or, if that is empty, one that is thrown away.
func startDatabase(ctx context.Context, dir string) (*pgdev.Server, error) {
	o := pgdev.Options{}
	if dir != "" {
		o.Dir = filepath.Join(dir, "postgres")
	}
	server, err := pgdev.Start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start the database: %w", err)
	}
	return server, nil
}
