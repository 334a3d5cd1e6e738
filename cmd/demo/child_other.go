//go:build !linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
)

// startBound starts cmd and a shell that watches over it: the shell reads from a pipe whose other end only this process
// has, and so learns of its death, whereupon it sends sig. Once the child has ended unbind is called.
func startBound(cmd *exec.Cmd, sig syscall.Signal) (unbind func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watch := exec.CommandContext(context.Background(), "/bin/sh", "-c",
		fmt.Sprintf("read -r line; kill -%d %d", sig, cmd.Process.Pid))
	watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := watch.StdinPipe()
	if err == nil {
		err = watch.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the shell that watches over a child: %w", err),
			cmd.Process.Kill(), cmd.Wait())
	}
	return func() {
		// The shell goes before its pipe does, or it would signal whoever has the child's number by now.
		_ = watch.Process.Kill()
		_ = watch.Wait()
		_ = pipe.Close()
	}, nil
}
