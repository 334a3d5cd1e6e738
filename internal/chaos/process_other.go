//go:build !linux

package chaos

import (
	"os/exec"
	"syscall"
)

// bind can do no more here than keep a Ctrl-C for us: we end the process ourselves.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// peakMemory is not told here.
func peakMemory(int) int { return 0 }
