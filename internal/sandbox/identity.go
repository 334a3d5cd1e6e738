package sandbox

import (
	"crypto/rand"
	"fmt"
	"time"
)

// newID returns a random UUID in lower case, the form of every id of the gateway (CONTRACT 1.6).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime aborts the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// stamp writes a time as the gateway does in orders: microseconds, UTC as +00:00 (CONTRACT 1.6).
func stamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000-07:00")
}
