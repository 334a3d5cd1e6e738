package pgdev

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// logTail is how much of the server's log is kept to explain a failed start, in bytes.
const logTail = 2048

// serverLog passes what Postgres writes on to the caller's writer and remembers the end of it.
type serverLog struct {
	to io.Writer // may be nil

	mu   sync.Mutex
	last []byte
}

// Write never fails: what the caller's writer cannot take is no reason to end a server.
func (l *serverLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, b...)
	l.last = l.last[max(0, len(l.last)-logTail):]
	if l.to != nil {
		_, _ = l.to.Write(b)
	}
	return len(b), nil
}

// say tells the user something in one line.
func (l *serverLog) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := l.to
	if to == nil {
		to = os.Stderr
	}
	_, _ = fmt.Fprintf(to, "pgdev: "+format+"\n", args...)
}

// tail is the end of the log, on lines of its own, or empty.
func (l *serverLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == 0 {
		return ""
	}
	return "\n" + strings.TrimSpace(string(l.last))
}
