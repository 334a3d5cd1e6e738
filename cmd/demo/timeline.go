package main

import (
	"fmt"
	"io"
	"time"
)

// timeline prints what happened and when, in seconds since the program began.
type timeline struct {
	to    io.Writer
	began time.Time
}

// chapter begins a new part.
func (t *timeline) chapter(title string) { fmt.Fprintf(t.to, "\n%s\n", title) }

// at prints one thing that happened at this moment.
func (t *timeline) at(moment time.Time, format string, args ...any) {
	fmt.Fprintf(t.to, "%9.3f s  %s\n", moment.Sub(t.began).Seconds(), fmt.Sprintf(format, args...))
}

// now prints one thing that happens now.
func (t *timeline) now(format string, args ...any) { t.at(time.Now(), format, args...) }
