package sandbox

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// background is the work a Gateway does outside any call: it can be ended, and its end can be waited for.
type background struct {
	// ctx lasts as long as the Gateway. It is kept here because work begins at any time, from calls that end sooner.
	ctx    context.Context
	cancel context.CancelFunc
	clock  Clock

	mu    sync.Mutex // orders enter before close, so that the group never grows while it is waited for
	tasks sync.WaitGroup
	later map[*laterCall]struct{}
}

// laterCall is a call that waits for its time.
type laterCall struct{ stop func() bool }

func newBackground(clock Clock) *background {
	ctx, cancel := context.WithCancel(context.Background())
	return &background{ctx: ctx, cancel: cancel, clock: clock, later: make(map[*laterCall]struct{})}
}

// AfterFunc calls f once d has passed on the gateway's clock, unless the gateway is closed before. Calling stop before
// keeps it from being called. Close waits for f, which must not call it.
func (g *Gateway) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return g.background.after(d, f)
}

func (b *background) after(d time.Duration, f func()) (stop func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return func() bool { return false }
	}
	call := new(laterCall)
	b.later[call] = struct{}{}
	call.stop = b.clock.AfterFunc(d, func() {
		if b.forget(call) && b.enter() {
			defer b.leave()
			f()
		}
	})
	return func() bool { return b.forget(call) && call.stop() }
}

// forget reports whether the call was still waiting.
func (b *background) forget(call *laterCall) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, waiting := b.later[call]
	delete(b.later, call)
	return waiting
}

// enter reports whether work may begin. If so, its end must be told by leave.
func (b *background) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return false
	}
	b.tasks.Add(1)
	return true
}

func (b *background) leave() { b.tasks.Done() }

// spawn runs work on a goroutine of its own, and reports whether it does: not when the gateway is closed.
func (b *background) spawn(work func(context.Context)) bool {
	if !b.enter() {
		return false
	}
	go func() {
		defer b.leave()
		work(b.ctx)
	}()
	return true
}

func (b *background) close() {
	b.mu.Lock()
	b.cancel()
	waiting := b.later
	b.later = nil
	b.mu.Unlock()
	for call := range waiting {
		call.stop()
	}
	b.tasks.Wait()
}

// bound returns the request with a context that ends with the gateway too.
func (b *background) bound(r *http.Request) (bounded *http.Request, free func()) {
	ctx, cancel := context.WithCancel(r.Context())
	forget := context.AfterFunc(b.ctx, cancel)
	return r.WithContext(ctx), func() {
		forget()
		cancel()
	}
}
