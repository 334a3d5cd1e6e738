package demoshop

import "sync"

// turns has those who want the same thing wait for each other. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is who waits for one thing, and who has it.
type line struct {
	mu     sync.Mutex
	length int
}

// take returns when nobody else has the thing. Whoever takes it must call done.
func (t *turns) take(thing string) (done func()) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[thing]
	if l == nil {
		l = &line{}
		t.lines[thing] = l
	}
	l.length++
	t.mu.Unlock()

	l.mu.Lock()
	return func() {
		l.mu.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if l.length--; l.length == 0 {
			delete(t.lines, thing)
		}
	}
}
