package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/sandbox"
)

const imageUser = 65532 // of the Dockerfile

// TestEmptyRootIsEnough runs the program as the image does: as a user without a name or a group, with no capability and
// no way to one, in a root that holds the program, a file of certificates and the secrets, and in which it may write
// nothing. It becomes ready, has a payment verified over TLS, says that it is healthy, and stops well.
func TestEmptyRootIsEnough(t *testing.T) {
	t.Parallel()
	root := newEmptyRoot(t)
	gateway := sandbox.New(sandbox.Config{Webhooks: sandbox.WebhookRules{Interval: 100 * time.Millisecond}})
	server := httptest.NewTLSServer(gateway.Handler())
	t.Cleanup(func() {
		gateway.Close()
		server.Close()
	})
	gateway.SetPublicURL(server.URL)
	r := &rig{gateway: gateway, gatewayURL: server.URL, database: pg.New(t)}

	certificate := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	root.put(t, "etc/ssl/certs/ca-certificates.crt", string(pem.EncodeToMemory(certificate)))
	settings := []string{"TZ=Europe/Amsterdam"} // there is no file that says what that is
	for name, text := range map[string]string{
		"DATABASE_URL": r.database, "NOPAYN_API_KEY": sandbox.DefaultAPIKey, "WEBHOOK_TOKENS": hookToken,
		"API_KEYS": "test:write+money:" + apiSecret,
	} {
		path := "run/secrets/" + strings.ToLower(name)
		root.putSecret(t, path, text)
		settings = append(settings, name+"=", name+"_FILE=/"+path)
	}
	root.seal(t)
	before := root.tree(t)

	serve := root.command("serve")
	s := r.launchWith(t, startPowerless, serve, settings...)
	s.ready(t)
	hasNoPower(t, serve.Process.Pid)
	id := r.create(t, s.hookURL())
	r.pay(t, id)
	s.becomes(t, id, "paid")

	health := root.command("healthcheck")
	health.Env = r.environ(append(settings, "ADMIN_ADDR="+strings.TrimPrefix(s.admin, "http://"))...)
	var said strings.Builder
	health.Stdout, health.Stderr = &said, &said
	must(t, startPowerless(health))
	if err := health.Wait(); err != nil {
		t.Errorf("healthcheck: %v\n%s", err, &said)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("SIGTERM ended it with exit status %d", code)
	}
	if diff := cmp.Diff(before, root.tree(t)); diff != "" {
		t.Errorf("it left something in its root:\n%s", diff)
	}
}

// emptyRoot is a folder that is the whole file system of a program.
type emptyRoot string

// newEmptyRoot makes one with nothing in it but the program, built as the image has it.
func newEmptyRoot(t *testing.T) emptyRoot {
	t.Helper()
	if os.Geteuid() != 0 {
		pgtest.LeaveOut(t, "only root may give a process another root folder and another user")
	}
	root := emptyRoot(t.TempDir())
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w",
		"-o", root.path("webhookd"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	version := root.command("version")
	err := startPowerless(version)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) { // in a user namespace without that user
		pgtest.LeaveOut(t, "this root may not give a process another root folder and another user, and take its "+
			"capabilities away: "+err.Error())
	}
	must(t, err)
	must(t, version.Wait())
	return root
}

func (r emptyRoot) path(name string) string { return filepath.Join(string(r), name) }

// command is a command of the program in its root.
func (r emptyRoot) command(name string) *exec.Cmd {
	return &exec.Cmd{
		Path: "/webhookd", Args: []string{"/webhookd", name}, Dir: "/", Env: []string{},
		SysProcAttr: &syscall.SysProcAttr{
			Chroot: string(r), Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser},
		},
	}
}

// put writes a file that everybody may read.
func (r emptyRoot) put(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(r.path(name)), 0o755))
	must(t, os.WriteFile(r.path(name), []byte(text), 0o444))
}

// putSecret writes a file that only the image's user may read.
func (r emptyRoot) putSecret(t *testing.T, name, text string) {
	t.Helper()
	r.put(t, name, text)
	must(t, os.Chmod(r.path(name), 0o400))
	must(t, os.Chown(r.path(name), imageUser, imageUser))
}

// seal leaves every folder to root, and to be written by nobody.
func (r emptyRoot) seal(t *testing.T) {
	t.Helper()
	must(t, filepath.WalkDir(string(r), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return errors.Join(os.Chown(path, 0, 0), os.Chmod(path, 0o555))
	}))
}

// tree lists all that is in the root, and the root: how it may be used, how long it is and when it was written.
func (r emptyRoot) tree(t *testing.T) []string {
	t.Helper()
	var list []string
	must(t, filepath.WalkDir(string(r), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		list = append(list, fmt.Sprint(strings.TrimPrefix(path, string(r)), info.Mode(), info.Size(), info.ModTime()))
		return nil
	}))
	return list
}

// hasNoPower checks that a process has no user, group or capability but those of the image.
func hasNoPower(t *testing.T, pid int) {
	t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	must(t, err)
	is := map[string]string{}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		is[name] = strings.Join(strings.Fields(value), " ")
	}
	const nobody, nothing = "65532 65532 65532 65532", "0000000000000000"
	for name, want := range map[string]string{
		"Uid": nobody, "Gid": nobody, "Groups": "", "NoNewPrivs": "1",
		"CapPrm": nothing, "CapEff": nothing, "CapBnd": nothing, "CapAmb": nothing,
	} {
		if got, told := is[name]; !told || got != want {
			t.Errorf("%s of the process is %q, not %q", name, got, want)
		}
	}
}

// startPowerless starts a command that has no way to a capability. What is taken away is taken from a thread, for good,
// and the command has it from there: the thread ends with it. Root's capabilities last until the command has another
// root folder and user.
func startPowerless(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: nobody else is to get this thread
		if err := renouncePower(); err != nil {
			started <- err
			return
		}
		started <- cmd.Start()
	}()
	return <-started
}

// renouncePower takes every way to a capability from this thread.
func renouncePower() error {
	const setNoNewPrivileges = 38 // of prctl(2); package syscall has no name for it on every architecture
	for capability := uintptr(0); ; capability++ {
		_, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_CAPBSET_DROP, capability, 0)
		if err == syscall.EINVAL {
			break // the kernel knows no more
		}
		if err != 0 {
			return os.NewSyscallError("prctl", err)
		}
	}
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivileges, 1, 0, 0, 0, 0); err != 0 {
		return os.NewSyscallError("prctl", err)
	}
	return nil
}
