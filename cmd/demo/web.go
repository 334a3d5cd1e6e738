package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// webGrace is what the requests in hand may take once a server is stopped.
const webGrace = 5 * time.Second

// web is a server within this process.
type web struct {
	server *http.Server
	closes context.CancelFunc // ends the context of all requests
	served chan error         // what Serve returned
}

// serveOn serves h, from now on.
func serveOn(listener net.Listener, h http.Handler) *web {
	ctx, closes := context.WithCancel(context.Background())
	w := &web{
		server: &http.Server{
			Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
			BaseContext: func(net.Listener) context.Context { return ctx },
		},
		closes: closes,
		served: make(chan error, 1),
	}
	go func() { w.served <- w.server.Serve(listener) }()
	return w
}

// stop takes no more requests and returns when those in hand are answered, or cut off because they take too long. Those
// that wait for news are told to end.
func (w *web) stop(ctx context.Context) error {
	w.closes()
	ctx, cancel := context.WithTimeout(ctx, webGrace)
	defer cancel()
	err := w.server.Shutdown(ctx)
	if err != nil {
		err = w.server.Close()
	}
	if served := <-w.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
