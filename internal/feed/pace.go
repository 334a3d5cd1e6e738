package feed

import "time"

const (
	// fanOutRest is how long the tail rests after events for each listener, from minRest up to maxRest, so that under load
	// a crowd is woken forty times a second for all that came, and not for each event; a few are not kept waiting for
	// that. What comes after a rest is handed on at once.
	fanOutRest = 25 * time.Microsecond
	minRest    = 10 * time.Millisecond
	maxRest    = 25 * time.Millisecond
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

// step follows a read that found so many events for so many listeners.
func (p *pace) step(found, listeners int, err error) {
	switch {
	case err != nil:
		p.rest, p.idle = min(minBackOff<<min(p.failures, 10), maxBackOff), 0
		p.failures++
		return
	case found > 0:
		p.rest, p.idle = min(max(time.Duration(listeners)*fanOutRest, minRest), maxRest), minIdle
	default:
		p.rest, p.idle = 0, min(max(2*p.idle, minIdle), maxIdle)
	}
	p.failures = 0
}
