package sandbox

import "sync"

// webhookLine is the order in which webhooks are to be sent. One at a time may step back, to be overtaken.
type webhookLine struct {
	mu        sync.Mutex
	last      int           // turn of the newest webhook
	back      int           // turn of the one that stepped back; 0 for none
	overtaken chan struct{} // closed when a later one was sent
}

// join gives the next webhook its turn. If it is to step back, and none has, overtaken is closed when a later one was
// sent; else overtaken is nil.
func (l *webhookLine) join(back bool) (turn int, overtaken <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	if !back || l.back != 0 {
		return l.last, nil
	}
	l.back, l.overtaken = l.last, make(chan struct{})
	return l.last, l.overtaken
}

// passed says that the webhook with this turn was sent.
func (l *webhookLine) passed(turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back != 0 && l.back < turn {
		l.back = 0
		close(l.overtaken)
	}
}

// leave says that the webhook with this turn waits no longer.
func (l *webhookLine) leave(turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back == turn {
		l.back = 0
	}
}
