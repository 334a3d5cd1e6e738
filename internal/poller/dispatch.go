package poller

import (
	"context"
	"time"

	"webhookd/internal/store"
)

const (
	// maxClaims bounds the orders claimed in one statement.
	maxClaims = 256
	// breather spaces claims while more is due than there is room for, so that each brings in a handful.
	breather = 5 * time.Millisecond
	// claimTimeout bounds a claim. It reads the front of an index, and a database that hangs must be noticed soon.
	claimTimeout = 5 * time.Second
)

// dispatch claims due orders and starts a look at each, until ctx ends.
func (p *Poller) dispatch(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return
		}
		timer.Reset(p.Round(ctx))
	}
}

// Round claims what is due, as far as there is room, starts a look at each, and returns when to come back. Once a tick
// it consults the schedule even if there is no room: LastRound is to tell of the database as well as of the loop.
func (p *Poller) Round(ctx context.Context) time.Duration {
	room := p.gateway.Room()
	n, _ := p.hand.take(maxClaims, room)
	if n == 0 && time.Since(p.LastRound()) < p.config.Tick {
		return p.pace(room.Wait)
	}
	claims, err := p.claim(ctx, n)
	p.Start(claims, n-len(claims))
	p.consulted(ctx, err)
	switch {
	case err != nil:
		return p.config.Tick
	case n == 0:
		return p.pace(room.Wait)
	case len(claims) == n:
		return p.pace(0) // there may be more
	}
	return p.config.Tick
}

// pace bounds a wait from both sides.
func (p *Poller) pace(wait time.Duration) time.Duration {
	return min(max(wait, breather), p.config.Tick)
}

// claim takes up to n due orders. A stop does not cut it short: orders claimed by a statement whose answer nobody reads
// would lie idle until their lease is over.
func (p *Poller) claim(ctx context.Context, n int) ([]store.Claim, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	return p.store.ClaimDue(ctx, n)
}

// consulted notes how the schedule was last read. The log hears of the first failure in a row, and of the end.
func (p *Poller) consulted(ctx context.Context, err error) {
	if err != nil {
		if p.blind.CompareAndSwap(false, true) {
			p.log.ErrorContext(ctx, "cannot claim due orders", "err", err)
		}
		return
	}
	now := time.Now()
	p.lastRound.Store(&now)
	if p.blind.CompareAndSwap(true, false) {
		p.log.InfoContext(ctx, "due orders can be claimed again")
	}
}

// Reserve sets room aside for up to n looks that start at once; of ids that only a webhook named, heard at most. The
// rest waits for Round, which takes orders of ours first. It is part of store.Worker.
func (p *Poller) Reserve(n int) (room, heard int) {
	return p.hand.take(n, p.gateway.Room())
}

// Start looks at the claimed orders, each on a goroutine of its own that Run waits for, and gives unused places
// back. It is part of store.Worker.
func (p *Poller) Start(claims []store.Claim, unused int) {
	p.hand.giveBack(unused)
	for _, c := range claims {
		go func() {
			defer p.hand.done()
			p.hand.arrive()
			p.look(c)
		}()
	}
}

// Wake says that orders have come due. It is part of store.Worker.
func (p *Poller) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}
