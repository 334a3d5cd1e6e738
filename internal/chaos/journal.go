package chaos

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"webhookd/internal/sandbox"
)

const (
	tailLines  = 12
	mostSpoken = 20 // suspicious lines kept of one process
)

// journal takes in what a process writes, and looks for what must not be there.
type journal struct {
	serving chan struct{} // closed when the process says that it listens

	mu     sync.Mutex
	rest   []byte // of a line that has not ended
	last   []string
	bad    []string
	errors map[string]int // lines of the level ERROR, by message
	addr   string
	once   sync.Once
}

func newJournal() *journal { return &journal{serving: make(chan struct{}), errors: map[string]int{}} }

// Write takes in a piece of the log.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rest = append(j.rest, b...)
	for {
		line, rest, ok := bytes.Cut(j.rest, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		j.line(string(line))
		j.rest = rest
	}
}

func (j *journal) line(line string) {
	if j.last = append(j.last, line); len(j.last) > tailLines {
		j.last = j.last[1:]
	}
	if suspicious(line) && len(j.bad) < mostSpoken {
		j.bad = append(j.bad, line)
	}
	var entry struct{ Level, Msg, Addr string }
	if json.Unmarshal([]byte(line), &entry) != nil {
		return
	}
	if entry.Level == "ERROR" {
		j.errors[entry.Msg]++
	}
	switch entry.Msg {
	case "admin listener is up":
		j.addr = entry.Addr
	case "serving":
		j.once.Do(func() { close(j.serving) })
	}
}

// suspicious reports whether a line tells of a crash or a data race, or holds what must stay secret.
func suspicious(line string) bool {
	for _, word := range []string{
		"panic", "DATA RACE", "fatal error:", sandbox.DefaultAPIKey, apiSecret, hookToken, canary,
	} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

func (j *journal) admin() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.addr
}

func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.last, "\n")
}

// found returns the suspicious lines, and how often which error was logged.
func (j *journal) found() (bad []string, errors map[string]int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.bad), maps.Clone(j.errors)
}
