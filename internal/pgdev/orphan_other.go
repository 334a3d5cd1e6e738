//go:build !linux

package pgdev

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// startBound starts cmd, and beside it a shell that reads from a pipe which only this process holds open. When this
// process dies the pipe closes, and the shell sends sig. The caller calls release when the child has ended.
func startBound(cmd *exec.Cmd, sig syscall.Signal) (release func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watch := exec.Command("/bin/sh", "-c", `read -r _; kill -"$0" "$1"`,
		strconv.Itoa(int(sig)), strconv.Itoa(cmd.Process.Pid))
	watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := watch.StdinPipe()
	if err == nil {
		err = watch.Start()
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("start the shell that ends an orphaned server: %w", err)
	}
	return func() {
		// Killed before its pipe closes, the shell cannot signal a stranger that was given the child's number.
		_ = watch.Process.Kill()
		_ = watch.Wait()
		_ = pipe.Close()
	}, nil
}
