package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

const (
	maxPause = 5 * time.Minute      // bound of a pause that the gateway asks for
	slotLook = 5 * time.Millisecond // how often to ask whether one of the calls under way has ended
)

// Room is what the budget leaves for calls that start right now.
type Room struct {
	Calls int           // calls that need not wait
	Spare int           // of those, calls that leave a reserve for more important ones
	Wait  time.Duration // if Calls is 0, when to look again

	Closed bool // no call may begin at all before Wait is over
}

// budget bounds the calls of a replica. A quarter of the calls at a time and half of the burst are the reserve that
// Room.Spare leaves: trunk reservation, by which unimportant calls cannot crowd out important ones that come later.
type budget struct {
	limiter *rate.Limiter
	slots   chan struct{}
	breaker breaker

	mu    sync.Mutex
	until time.Time // no call before this: the gateway asked for it, or the breaker is open
}

func newBudget(c Config, log *slog.Logger, open prometheus.Gauge) *budget {
	// Calls may come in bursts of a twentieth of a second. Within a second a bucket lets through its burst and what
	// flows in meanwhile, so that the flow makes way for the burst.
	burst := max(1, int(c.RPS/20))
	b := &budget{
		limiter: rate.NewLimiter(rate.Limit(c.RPS-float64(burst)+1), burst),
		slots:   make(chan struct{}, c.Concurrency),
	}
	b.breaker = newBreaker(log, open, func() { b.pause(probeAfter) })
	return b
}

// enter waits for a place and a turn. leave must be called with the call's outcome. The error is a *ClosedError, or
// ErrBusy if ctx ended or is bound to end before the turn.
func (b *budget) enter(ctx context.Context) (leave func(error), err error) {
	if shut := b.shut(); shut > 0 {
		return nil, &ClosedError{After: shut}
	}
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
	report, err := b.turn(ctx)
	if err != nil {
		<-b.slots
		return nil, err
	}
	return func(err error) {
		b.pause(RetryAfter(health(ctx, err)))
		report(health(ctx, err))
		<-b.slots // last, so that who waits for it finds the gateway closed if it is
	}, nil
}

// turn waits for a turn by the rate, unless the gateway has closed or closes meanwhile.
func (b *budget) turn(ctx context.Context) (report func(error), err error) {
	if shut := b.shut(); shut > 0 {
		return nil, &ClosedError{After: shut} // those who queued for a place cost nobody a turn
	}
	if err := b.limiter.Wait(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	if shut := b.shut(); shut > 0 {
		return nil, &ClosedError{After: shut}
	}
	report, err = b.breaker.Allow()
	if err != nil {
		return nil, &ClosedError{After: probeLook} // somebody else was quicker to probe
	}
	return report, nil
}

// repeats has the further requests of a call wait for a turn by the rate: net/http sends a read once more by itself when
// its connection was cut, and may do so several times. A call whose turn would come too late is given up by cancel.
func (b *budget) repeats(ctx context.Context, cancel context.CancelFunc) context.Context {
	first := true
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: func(string) {
		if !first && b.limiter.Wait(ctx) != nil {
			cancel()
		}
		first = false
	}})
}

// pause lets no call begin for d.
func (b *budget) pause(d time.Duration) {
	until := time.Now().Add(d)
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.until) {
		b.until = until
	}
}

// shut is how long no call may begin, 0 if one may now.
func (b *budget) shut() time.Duration {
	b.mu.Lock()
	left := time.Until(b.until)
	b.mu.Unlock()
	switch {
	case left > 0:
		return left
	case b.breaker.free(1) == 0:
		return probeLook
	}
	return 0
}

func (b *budget) room() Room {
	if shut := b.shut(); shut > 0 {
		return Room{Wait: shut, Closed: true}
	}
	free := b.breaker.free(cap(b.slots) - len(b.slots))
	tokens := b.limiter.Tokens()
	switch {
	case free <= 0:
		return Room{Wait: slotLook}
	case tokens < 1:
		return Room{Wait: time.Duration((1 - tokens) / float64(b.limiter.Limit()) * float64(time.Second))}
	}
	reserve := float64(b.limiter.Burst()) / 2
	return Room{
		Calls: min(free, int(tokens)),
		Spare: max(0, min(free-cap(b.slots)/4, int(tokens-reserve))),
	}
}
