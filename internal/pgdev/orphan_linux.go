package pgdev

import (
	"os/exec"
	"syscall"
)

// startBound starts cmd so that it gets sig when the calling thread ends. The caller keeps its thread for the
// child's life, and calls release when the child has ended.
func startBound(cmd *exec.Cmd, sig syscall.Signal) (release func(), err error) {
	cmd.SysProcAttr.Pdeathsig = sig
	return func() {}, cmd.Start()
}
