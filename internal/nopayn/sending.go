package nopayn

import (
	"context"
	"errors"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// wire sees how far a request got on its way out.
type wire struct {
	asked  atomic.Bool // net/http asked for a connection, and so it reports what it does
	gotOne atomic.Bool // it had one, and may have written to it
}

// watch has the wire see the request that is sent with the ctx it returns.
func (w *wire) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.gotOne.Store(true) },
	})
}

// untouched reports whether it is certain that not one byte of the request was written: no name found, no connection,
// no TLS. With a connection in hand it is not certain any more, since what net/http writes first goes to a buffer. A
// transport that reports nothing proves nothing.
func (w *wire) untouched() bool { return w.asked.Load() && !w.gotOne.Load() }

// transportError wraps a failure of net/http. The URL that net/http adds says nothing new.
func transportError(ctx context.Context, r request, err error, untouched bool) *TransportError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if over := ctx.Err(); over != nil && !errors.Is(err, over) {
		err = over // a ctx with a cause of its own hides that its time was over
	}
	return &TransportError{Operation: r.operation, Err: err, NotDone: r.read || untouched}
}
