package operation

import (
	"context"
	"errors"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const (
	// firstLook is when to look for the first time what came of an operation whose answer was lost.
	firstLook = time.Second
	// tries bounds how often a commit is tried that says what the gateway answered: nobody else knows.
	tries    = 4
	tryAgain = 500 * time.Millisecond
	// commitTime bounds one commit, or one read, of the store.
	commitTime = 5 * time.Second
)

const answerLost = "The gateway's answer was lost."

// decline ends an operation that was not sent: for good if something speaks against it, else so that its key is free.
func (s *Service) decline(ctx context.Context, t *store.Ticket, err error) (store.Operation, error) {
	refused, ok := refusal(err)
	if !ok {
		s.release(ctx, t)
		if errors.Is(err, store.ErrKeyReused) {
			return store.Operation{}, err
		}
		return store.Operation{}, &NotSentError{Err: err}
	}
	s.metrics.count(t.Kind, string(store.OperationRefused))
	op, err := s.finish(ctx, t, store.Ending{Status: store.OperationRefused, Detail: refused.Detail})
	if err != nil {
		return store.Operation{}, &NotSentError{Err: err} // forgotten once its lease is over
	}
	return op, refused
}

// fail notes why an operation that was sent brought no answer that could be used. If it may have happened all the same,
// its outcome is unknown from now on, and that is no error.
func (s *Service) fail(ctx context.Context, t *store.Ticket, err error) (store.Operation, error) {
	if refused, ok := refusal(err); ok {
		return s.settle(ctx, t, store.Ending{Status: store.OperationRefused, Detail: refused.Detail}), refused
	}
	if gateway.NotDone(err) {
		s.release(ctx, t)
		return store.Operation{}, &NotSentError{Err: err}
	}
	s.log.WarnContext(ctx, "an operation's answer was lost: looking for what came of it",
		"kind", t.Kind, "key", t.Key, "order_id", t.OrderID, "err", nopayn.Discreet(err))
	return s.settle(ctx, t, store.Ending{
		Status: store.OperationUnknown, Detail: answerLost, LookAgain: firstLook,
	}), nil
}

// settle notes an ending that nobody else knows. If somebody was quicker to find it out, it stands as he has noted it.
// If it cannot be stored the operation counts as unknown, and is looked for at the gateway like any other.
func (s *Service) settle(ctx context.Context, t *store.Ticket, e store.Ending) store.Operation {
	s.metrics.count(t.Kind, string(e.Status))
	op, err := s.finish(ctx, t, e)
	if err == nil {
		s.follow(e)
		return op
	}
	if errors.Is(err, store.ErrTaken) {
		if op, err := s.stands(ctx, t.Key); err == nil {
			return op
		}
	}
	s.log.ErrorContext(ctx, "cannot store what came of an operation",
		"kind", t.Kind, "key", t.Key, "status", e.Status, "err", err)
	detail := "The gateway has answered, but that could not be stored. It will be looked up."
	now := time.Now().UTC()
	return store.Operation{
		Key: t.Key, Kind: t.Kind, OrderID: &t.OrderID, Amount: &t.Amount, Status: store.OperationUnknown,
		Detail: &detail, CreatedAt: now, UpdatedAt: now,
	}
}

// stands reads how an operation stands.
func (s *Service) stands(ctx context.Context, key string) (op store.Operation, err error) {
	err = within(ctx, commitTime, func(ctx context.Context) (err error) {
		op, err = s.store.Operation(ctx, key)
		return err
	})
	return op, err
}

// finish commits an ending, and tries again while the database is away.
func (s *Service) finish(ctx context.Context, t *store.Ticket, e store.Ending) (op store.Operation, err error) {
	err = persist(ctx, func(ctx context.Context) (err error) {
		op, err = s.store.FinishOperation(ctx, t, e)
		return err
	})
	return op, err
}

// persist tries a commit again while the database is away.
func persist(ctx context.Context, commit func(context.Context) error) error {
	for try := 1; ; try++ {
		err := within(ctx, commitTime, commit)
		if err == nil || try == tries || !store.Unavailable(err) || !pause(ctx, tryAgain) {
			return err
		}
	}
}

// within bounds f in time.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// follow has what an ending leads to begin at once.
func (s *Service) follow(e store.Ending) {
	if e.Status == store.OperationDone {
		s.config.Wake()
	}
	if e.Status == store.OperationUnknown {
		select {
		case s.lost <- struct{}{}:
		default:
		}
	}
}

// release frees the key of an operation that has certainly not happened.
func (s *Service) release(ctx context.Context, t *store.Ticket) {
	s.metrics.count(t.Kind, "not_sent")
	err := persist(ctx, func(ctx context.Context) error { return s.store.ReleaseOperation(ctx, t) })
	if err != nil {
		// Forgotten once the lease is over; or, if it was noted as sent, looked for and not found.
		s.log.WarnContext(ctx, "cannot free the key of an operation that was not sent", "key", t.Key, "err", err)
	}
}
