//go:build !linux

package pgdev

import (
	"fmt"
	"os/exec"
	"strings"
)

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) ([]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=").Output()
	if err != nil {
		return nil, fmt.Errorf("list the children of process %d: %w", pid, err)
	}
	var children []int
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if _, err := fmt.Sscan(line, &child, &parent); err != nil {
			return nil, fmt.Errorf("list the children of process %d: line %q of ps: %w", pid, line, err)
		}
		if parent == pid {
			children = append(children, child)
		}
	}
	return children, nil
}
