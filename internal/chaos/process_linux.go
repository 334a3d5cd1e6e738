package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// bind has the kernel kill the process when the thread that starts it ends.
func bind(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// peakMemory is the most memory that a process has had resident, in MB; 0 if it has ended.
func peakMemory(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, value, _ := strings.Cut(string(status), "VmHWM:")
	var kB int
	_, _ = fmt.Sscan(value, &kB) // a process that has just ended has none
	return kB / 1024
}
