package chaos

import (
	"os/exec"
	"syscall"
)

// bind has the kernel kill the process when the thread that starts it ends.
func bind(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
