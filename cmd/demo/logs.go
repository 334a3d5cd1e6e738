package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// logs is where the logs of all parts come together.
type logs struct {
	file *os.File // nil unless they go to a file

	mu sync.Mutex // of to: a line is never broken by another's
	to io.Writer
}

// openLog opens the logs: stderr, or with quiet a file, beside the database if that is kept.
func openLog(o options, dir string, stdout, stderr io.Writer) (*logs, error) {
	if !o.quiet {
		return &logs{to: stderr}, nil
	}
	var file *os.File
	var err error
	if dir == "" {
		file, err = os.CreateTemp("", folderName+"-*.log")
	} else {
		file, err = os.Create(filepath.Join(dir, "demo.log"))
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(stdout, "The logs go to", file.Name())
	return &logs{to: file, file: file}, nil
}

func (l *logs) close() {
	if l.file != nil {
		l.file.Close()
	}
}

// of returns the log of one part, whose lines begin with its name.
func (l *logs) of(part string) io.Writer {
	return &partLog{all: l, prefix: fmt.Sprintf("%-8s | ", part)}
}

// partLog passes whole lines on.
type partLog struct {
	all    *logs
	prefix string

	mu   sync.Mutex
	rest []byte // of a line whose end is yet to come
}

// Write never fails: what a terminal that has gone cannot take is no reason to end the demo.
func (p *partLog) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := append(p.rest, b...)
	end := bytes.LastIndexByte(text, '\n') + 1
	p.rest = bytes.Clone(text[end:])
	var out bytes.Buffer
	for line := range bytes.Lines(text[:end]) {
		out.WriteString(p.prefix)
		out.Write(line)
	}
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	_, _ = p.all.to.Write(out.Bytes())
	return len(b), nil
}
