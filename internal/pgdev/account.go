package pgdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom the server runs as. The zero value is whoever runs this process.
type account struct {
	name     string
	uid, gid uint32
}

// serverAccount is the zero account, save for root, which Postgres refuses to run as. Then it is the owner of the
// cluster kept in dir, if there is one, and else postgres or nobody.
func serverAccount(dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	if dir != "" {
		switch info, err := os.Stat(filepath.Join(dir, "data")); {
		case err == nil:
			return owner(info)
		case !errors.Is(err, fs.ErrNotExist):
			return account{}, err
		}
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return account{}, fmt.Errorf("find an account for Postgres, which does not run as root: %w", err)
	}
	return accountOf(u)
}

func owner(info fs.FileInfo) (account, error) {
	uid := info.Sys().(*syscall.Stat_t).Uid
	if uid == 0 {
		return account{}, fmt.Errorf("%s belongs to root, and Postgres does not run as root", info.Name())
	}
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return account{}, fmt.Errorf("owner of %s: %w", info.Name(), err)
	}
	return accountOf(u)
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("account %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("account %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}, nil
}

// credential is nil where no change of account is needed.
func (a account) credential() *syscall.Credential {
	if a.name == "" {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// own gives path to the account.
func (a account) own(path string) error {
	if a.name == "" {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// canEnter reports the first folder on the absolute path, or a program at its end, that the account may not enter
// or run. Without it the kernel's "permission denied" would name the program, whichever folder is to blame.
func (a account) canEnter(path string) error {
	if a.name == "" {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := a.canEnter(parent); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	var bit fs.FileMode
	switch {
	case st.Uid == a.uid:
		bit = 0o100
	case st.Gid == a.gid:
		bit = 0o010
	default:
		bit = 0o001
	}
	if info.Mode().Perm()&bit == 0 {
		return fmt.Errorf("the account %s, which the server runs as, cannot enter %s (%v)", a.name, path, info.Mode())
	}
	return nil
}
