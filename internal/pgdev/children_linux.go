package pgdev

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// childrenOf lists the processes whose parent is pid, from /proc: a small image may have no ps.
func childrenOf(pid int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	if len(stats) == 0 {
		return nil, fmt.Errorf("list the children of process %d: /proc holds no processes", pid)
	}
	var children []int
	for _, stat := range stats {
		line, err := os.ReadFile(stat)
		if err != nil {
			continue // ended since it was listed
		}
		// proc(5): "pid (name) state ppid ..."; the name may hold spaces and brackets.
		fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	return children, nil
}
