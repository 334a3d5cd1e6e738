package feed

import "time"

const (
	// fanOutRest is how long the tail rests after events, so that under load each listener is woken forty times a second
	// for all that came, and not for each event. What comes after a rest is handed on at once.
	fanOutRest = 25 * time.Millisecond
	// minIdle and maxIdle bound how long it waits for a nudge before it looks for the events of other replicas.
	minIdle = 25 * time.Millisecond
	maxIdle = 250 * time.Millisecond
	// minBackOff and maxBackOff bound how long it leaves a database alone that does not answer.
	minBackOff = 100 * time.Millisecond
	maxBackOff = 2 * time.Second
)

// pace is how long the tail waits between two reads: rest whatever happens, and then idle unless it is nudged.
type pace struct {
	rest, idle time.Duration
	failures   int // in a row
}

// step follows a read that found so many events.
func (p *pace) step(found int, err error) {
	switch {
	case err != nil:
		p.rest, p.idle = min(minBackOff<<min(p.failures, 10), maxBackOff), 0
		p.failures++
		return
	case found > 0:
		p.rest, p.idle = fanOutRest, minIdle
	default:
		p.rest, p.idle = 0, min(max(2*p.idle, minIdle), maxIdle)
	}
	p.failures = 0
}
