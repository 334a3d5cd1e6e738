package operation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const (
	lookTick  = 5 * time.Second // how often to ask whether there is something to look for
	lookBatch = 8               // at a time

	// closedAfter is when an operation that left no trace stops keeping others from its order. No request takes that
	// long; but since nobody can know, its outcome stays unknown, and a person has to decide.
	closedAfter = 15 * time.Minute
	// closedLooks have to be in vain before that, since the database's clock may jump.
	closedLooks = 8
	slowest     = time.Minute // between two looks until then
	afterwards  = 24 * time.Hour
	forgotten   = 30 * 24 * time.Hour // no more looks
)

// Run looks for the outcome of operations whose answer was lost, until ctx ends. It returns when the looks in hand are
// done.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(lookTick)
	defer tick.Stop()
	for {
		s.lookAll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.lost:
			if !pause(ctx, firstLook) {
				return
			}
		}
	}
}

// pause waits for d, and reports whether ctx lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// lookAll looks for everything that is due.
func (s *Service) lookAll(ctx context.Context) {
	for ctx.Err() == nil {
		due, err := s.store.ClaimOperations(ctx, lookBatch, s.lookLease())
		if err != nil && ctx.Err() == nil && !store.Unavailable(err) {
			s.log.ErrorContext(ctx, "cannot claim operations", "err", err)
		}
		if len(due) == 0 {
			return
		}
		var looks sync.WaitGroup
		for _, t := range due {
			looks.Go(func() { s.lookFor(context.WithoutCancel(ctx), t) })
		}
		looks.Wait()
	}
}

// lookTime bounds a look: at the order, and at a handful of refunds.
func (s *Service) lookTime() time.Duration { return 4 * s.config.Timeout }

func (s *Service) lookLease() time.Duration { return s.lookTime() + leaseMargin }

// lookFor looks for one operation's outcome, and notes it. What cannot be noted is due again when the lease is over.
func (s *Service) lookFor(ctx context.Context, t *store.Ticket) {
	ctx, cancel := context.WithTimeout(ctx, s.lookTime())
	defer cancel()
	found, err := s.trace(ctx, t)
	if err != nil {
		s.log.WarnContext(ctx, "cannot look what came of an operation",
			"kind", t.Kind, "key", t.Key, "err", nopayn.Discreet(err))
	}
	if err := s.note(ctx, t, found); err != nil {
		s.log.WarnContext(ctx, "cannot store what came of an operation", "kind", t.Kind, "key", t.Key, "err", err)
		return
	}
	if found != nil {
		s.metrics.count(t.Kind, "found")
		s.log.InfoContext(ctx, "an operation whose answer was lost has happened", "kind", t.Kind, "key", t.Key)
		s.config.Wake()
	}
}

// note stores what a look has found; nil is nothing.
func (s *Service) note(ctx context.Context, t *store.Ticket, found *trace) error {
	if found != nil && found.created != nil {
		_, err := s.keep(ctx, t, found.created)
		return err
	}
	e := untraced(t)
	if found != nil {
		e = found.ending()
	}
	_, err := s.store.FinishOperation(ctx, t, e)
	return err
}

// untraced is what there is to say of an operation of which there is no trace yet.
func untraced(t *store.Ticket) store.Ending {
	since := t.Now.Sub(t.SentAt)
	e := store.Ending{
		Status: store.OperationUnknown, Detail: answerLost, LookAgain: min(firstLook<<min(t.Looks, 16), slowest),
	}
	if since < closedAfter || t.Looks < closedLooks {
		return e
	}
	e.Closed, e.LookAgain = true, afterwards
	if t.Kind == store.KindCreate && since < store.HeardLater {
		e.LookAgain = closedAfter // its order may yet be brought to us
	}
	e.Detail = fmt.Sprintf("The gateway's answer was lost, and there was no trace of the %s for %d minutes. "+
		"Look in the gateway's dashboard before you try again with another key.", t.Kind, closedAfter/time.Minute)
	if since > forgotten {
		e.LookAgain = 0
	}
	return e
}
