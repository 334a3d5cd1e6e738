package main

import (
	"os/exec"
	"syscall"
)

// startBound starts cmd so that the kernel sends it sig when the calling thread ends. The thread has to be kept until
// the child has ended; then unbind is called.
func startBound(cmd *exec.Cmd, sig syscall.Signal) (unbind func(), err error) {
	cmd.SysProcAttr.Pdeathsig = sig
	return func() {}, cmd.Start()
}
