package sandbox

import (
	"context"
	"net/http"
	"sync"
)

// background is the work a Gateway does outside any call: it can be ended, and its end can be waited for.
type background struct {
	// ctx lasts as long as the Gateway. It is kept here because work begins at any time, from calls that end sooner.
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex // orders enter before close, so that the group never grows while it is waited for
	tasks sync.WaitGroup
}

func newBackground() *background {
	ctx, cancel := context.WithCancel(context.Background())
	return &background{ctx: ctx, cancel: cancel}
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

// spawn runs work on a goroutine of its own, unless the gateway is closed.
func (b *background) spawn(work func(context.Context)) {
	if !b.enter() {
		return
	}
	go func() {
		defer b.leave()
		work(b.ctx)
	}()
}

func (b *background) close() {
	b.mu.Lock()
	b.cancel()
	b.mu.Unlock()
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
