package main

import (
	"bytes"
	"io"
	"sync"
)

// serverLog counts the statements in Postgres' log, and passes on what is no routine.
type serverLog struct {
	to io.Writer

	mu    sync.Mutex
	rest  []byte // a line that is not whole yet
	count int
}

// statements is how many were logged so far.
func (l *serverLog) statements() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

func (l *serverLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, b...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		if err := l.take(line); err != nil {
			return 0, err
		}
		l.rest = rest
	}
}

// take looks at one line. Further lines of a statement begin with a tab.
func (l *serverLog) take(line []byte) error {
	switch {
	case bytes.Contains(line, []byte(" LOG:  statement: ")), bytes.Contains(line, []byte(" LOG:  execute ")):
		l.count++
	case bytes.Contains(line, []byte(" LOG:  ")), bytes.Contains(line, []byte(" DETAIL:  ")),
		bytes.Contains(line, []byte(" HINT:  ")), bytes.Contains(line, []byte(" CONTEXT:  ")),
		bytes.HasPrefix(line, []byte("\t")), bytes.HasSuffix(line, []byte(" the database system is starting up")):
	default:
		_, err := l.to.Write(append(line[:len(line):len(line)], '\n'))
		return err
	}
	return nil
}
