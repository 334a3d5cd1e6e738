package demoshop

import (
	"context"
	"errors"
	"sync"
)

// finding is what the others say of an order. The zero value is that they said nothing.
type finding struct {
	known   bool // webhookd has answered
	order   verifiedOrder
	tag     string // of this version of the order
	history []orderEvent

	inspected  bool // the sandbox has answered
	deliveries []delivery
}

// lookUp asks webhookd, and the sandbox for the order's webhooks. Nothing hangs on what the sandbox says.
func (s *shop) lookUp(ctx context.Context, o placedOrder) finding {
	f, err := s.verified(ctx, o.GatewayID)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "an order's state is not known", "reference", o.Ref, "err", err)
	}
	if s.control == nil {
		return f
	}
	f.deliveries, err = s.control.deliveries(ctx, o.GatewayID)
	f.inspected = err == nil
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "an order's webhooks are not known", "reference", o.Ref, "err", err)
	}
	return f
}

// verified asks webhookd. An order that it does not know is one it has yet to hear of, and no error.
func (s *shop) verified(ctx context.Context, id string) (finding, error) {
	order, tag, err := s.service.order(ctx, id)
	if errors.Is(err, errUnknown) {
		return finding{known: true}, nil
	}
	if err != nil {
		return finding{}, err
	}
	history, err := s.service.history(ctx, id)
	if err != nil {
		return finding{}, err
	}
	return finding{known: true, order: order, tag: tag, history: history}, nil
}

// awaitNews returns when something may be known that the finding has not, or when ctx ends.
func (s *shop) awaitNews(ctx context.Context, o placedOrder, f finding) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var both sync.WaitGroup
	defer both.Wait()
	if s.control != nil {
		both.Go(func() {
			s.control.awaitNews(ctx, o.GatewayID, f.deliveries)
			cancel()
		})
	}
	s.service.awaitNews(ctx, o.GatewayID, f.tag)
	cancel() // before both.Wait
}
