package poller

import (
	"context"
	"time"

	"webhookd/internal/store"
)

// standingLook is how often to ask how somebody else's look went.
const standingLook = 100 * time.Millisecond

// Refresh has one order looked at now, be it one that nobody has heard of, unless its newest answer was asked for no
// longer than maxAge ago. It returns nil once such an answer is stored. An order that the gateway does not know is
// store.ErrNotFound; a look that gave no answer, or one from an old copy, is a *store.LookError, and so is one that
// takes longer than ctx.
//
// Whoever asks while a look is under way gets what comes of that one, here or on another replica: calls at the same
// time are one question to the gateway, whatever age each of them bears. Who gives up does not cut it short. The look
// goes the way of all looks, except that it does not wait for a gateway that is closed.
func (p *Poller) Refresh(ctx context.Context, id string, maxAge time.Duration) error {
	for {
		landed := p.flights.DoChan(id, func() (any, error) { return p.refresh(id, maxAge) })
		select {
		case flight := <-landed:
			// One that somebody began who bears more may have found no need to look: then there is another for us.
			if age, _ := flight.Val.(time.Duration); flight.Err != nil || age <= maxAge {
				return flight.Err
			}
		case <-ctx.Done():
			return &store.LookError{Failure: store.Failure{Code: store.CodeTimeout, Phrase: "it takes too long"}}
		}
	}
}

// refresh is one flight of Refresh. It returns how old the answer may have been when it began: 0 if there was a look.
// It ends by itself: the wait for a turn with the lease, the look with its own, and both when the poller stops.
func (p *Poller) refresh(id string, maxAge time.Duration) (age time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), p.config.Lease)
	defer cancel()
	first, err := p.store.Standing(ctx, id, maxAge)
	for at := first; ; at, err = p.store.Standing(ctx, id, maxAge) {
		switch {
		case err != nil:
			return 0, err
		case at.CheckedAt.After(first.CheckedAt):
			return 0, nil
		case at.Fresh:
			return maxAge, nil
		}
		if ours, err := p.join(ctx, id, maxAge, at); ours || err != nil {
			return 0, err
		}
		if err := p.wait(ctx, standingLook); err != nil {
			return 0, err
		}
	}
}

// join looks at the order itself, unless somebody else is at it. That one may be waiting for a gateway that is closed;
// nobody waits for him then.
func (p *Poller) join(ctx context.Context, id string, maxAge time.Duration, at store.Standing) (ours bool, err error) {
	if !at.UnderWay {
		return p.lookNow(ctx, id, maxAge)
	}
	if room := p.gateway.Room(); room.Closed {
		return false, paused(closedPhrase, room.Wait)
	}
	return false, nil
}

// lookNow looks at the order unless somebody else is quicker to begin.
func (p *Poller) lookNow(ctx context.Context, id string, maxAge time.Duration) (ours bool, err error) {
	if err := p.place(ctx); err != nil {
		return false, err
	}
	c, ours, err := p.store.ClaimNow(ctx, id, maxAge)
	if !ours || err != nil {
		p.hand.giveBack(1)
		return false, err
	}
	defer p.hand.done()
	p.hand.arrive()
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.config.Lease)
	defer cancel()
	answer, err := p.fetch(looking, c.OrderID, p.gateway.Order)
	// Where nothing was sent that is kept too: it gives the claim back.
	r := p.result(c, answer, err)
	outcome, err := p.keep(c, r)
	return true, told(r, outcome, err)
}

// told is what whoever waits for a look is told of it.
func told(r store.Result, o store.Outcome, err error) error {
	switch {
	case err != nil:
		return err
	case r.Failure != nil:
		return &store.LookError{Failure: *r.Failure}
	case r.NotFound:
		return store.ErrNotFound
	case o.Verdict == store.Stale:
		return &store.LookError{Failure: store.Failure{
			Code: "gateway_stale", Phrase: "the gateway answered from an old copy",
		}}
	}
	return nil
}

// place takes a place for one more look as soon as there is one, or says that the gateway is closed. Those who wait
// stand in a line and only its head asks for room: so the schedule shares what there is with one of them, however many
// they are.
func (p *Poller) place(ctx context.Context) error {
	select {
	case p.line <- struct{}{}:
		defer func() { <-p.line }()
	case <-p.hand.closing:
		return paused("the service is stopping", time.Second)
	case <-ctx.Done():
		return paused(noTurn, 0)
	}
	for {
		room := p.gateway.Room()
		if room.Closed {
			return paused(closedPhrase, room.Wait)
		}
		if n, _ := p.hand.take(1, room); n == 1 {
			return nil
		}
		if err := p.wait(ctx, p.pace(room.Wait)); err != nil {
			return err
		}
	}
}

// wait lets d pass, unless the poller stops or ctx ends.
func (p *Poller) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.hand.closing:
		return paused("the service is stopping", time.Second)
	case <-ctx.Done():
		return paused(noTurn, 0)
	}
}

// The phrases of looks that were not begun.
const (
	closedPhrase = "the gateway is left alone for now"
	noTurn       = "there was no turn for it within our budget"
)

func paused(phrase string, retryAfter time.Duration) error {
	return &store.LookError{Failure: store.Failure{
		Code: store.CodePaused, Phrase: phrase, RetryAfter: retryAfter,
	}}
}
