package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is the processor time that each part has had, up to a moment.
type usage struct {
	at                     time.Time
	server, postgres, self time.Duration
}

// cores is how many processors each part has kept busy.
type cores struct{ server, postgres, self float64 }

func (c cores) String() string {
	return fmt.Sprintf("cores: server %.2f, Postgres %.2f, generator and gateway %.2f", c.server, c.postgres, c.self)
}

func (u usage) since(before usage) cores {
	elapsed := u.at.Sub(before.at)
	part := func(now, then time.Duration) float64 { return float64(now-then) / float64(elapsed) }
	return cores{
		server: part(u.server, before.server), postgres: part(u.postgres, before.postgres), self: part(u.self, before.self),
	}
}

// usage reads it for the server that is measured, for Postgres and for this process.
func (b *bench) usage(c *child) (usage, error) {
	u := usage{at: time.Now()}
	server, err := processTime(c.cmd.Process.Pid)
	if err != nil {
		return u, err
	}
	self, err := processTime(os.Getpid())
	if err != nil {
		return u, err
	}
	u.server, u.self = server.own, self.own
	u.postgres, err = familyTime(b.server.PID())
	return u, err
}

// familyTime is what a process and its children have had, with those that have ended.
func familyTime(pid int) (time.Duration, error) {
	parent, err := processTime(pid)
	if err != nil {
		return 0, err
	}
	total := parent.own + parent.ended
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("list the processes: %w", err)
	}
	for _, file := range files {
		child, err := readTime(file)
		if err == nil && child.parent == pid { // else it has ended meanwhile
			total += child.own
		}
	}
	return total, nil
}

// procTime is what the kernel says of a process.
type procTime struct {
	parent int
	own    time.Duration
	ended  time.Duration // of children that have ended
}

func processTime(pid int) (procTime, error) {
	return readTime(fmt.Sprintf("/proc/%d/stat", pid))
}

func readTime(file string) (procTime, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return procTime{}, fmt.Errorf("read the processor time: %w", err)
	}
	return parseTime(string(text))
}

// parseTime reads the text of /proc/PID/stat, in which the program's name may hold anything.
func parseTime(text string) (procTime, error) {
	const tick = time.Second / 100 // whatever the kernel's own is
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 15 {
		return procTime{}, errors.New("read the processor time: unknown format")
	}
	var n [5]int
	for i, at := range []int{1, 11, 12, 13, 14} {
		var err error
		if n[i], err = strconv.Atoi(fields[at]); err != nil {
			return procTime{}, fmt.Errorf("read the processor time: %w", err)
		}
	}
	return procTime{parent: n[0], own: tick * time.Duration(n[1]+n[2]), ended: tick * time.Duration(n[3]+n[4])}, nil
}

// weight is what a process takes up.
type weight struct {
	resident   int64 // bytes of memory
	peak       int64 // most of it since the start
	goroutines int
}

func (w weight) String() string {
	return fmt.Sprintf("%.0f MB (at most %.0f), %d goroutines",
		float64(w.resident)/1e6, float64(w.peak)/1e6, w.goroutines)
}

// atLeast is the heavier of both in each respect.
func (w weight) atLeast(v weight) weight {
	return weight{max(w.resident, v.resident), max(w.peak, v.peak), max(w.goroutines, v.goroutines)}
}

// weigh reads what the service takes up.
func (c *child) weigh(ctx context.Context) (w weight, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return w, fmt.Errorf("read the memory in use: %w", err)
	}
	if w.resident, err = memory(status, "VmRSS"); err != nil {
		return w, err
	}
	if w.peak, err = memory(status, "VmHWM"); err != nil {
		return w, err
	}
	n, err := c.metric(ctx, "go_goroutines")
	w.goroutines = int(n)
	return w, err
}

// memory reads a figure of /proc/PID/status, in bytes.
func memory(status []byte, name string) (int64, error) {
	for line := range bytes.Lines(status) {
		if value, ok := strings.CutPrefix(string(line), name+":"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read the memory in use: %w", err)
			}
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("the memory in use is not to be seen: no %s", name)
}
