package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second  // a whole request, which is at most 64 KiB
	writeTimeout      = 45 * time.Second  // more than the longest answer that may wait
	idleTimeout       = 120 * time.Second // more than a load balancer's, so that it closes first
	maxHeaderBytes    = 16 << 10
)

// listener is one HTTP server at work.
type listener struct {
	server *http.Server
	socket net.Listener
	failed chan error // what ended it, other than shutdown
}

// listen serves h on addr, from now on until shutdown or close, to as many connections as there is room for.
func listen(
	ctx context.Context, addr string, h http.Handler, room *connections, log *slog.Logger,
) (*listener, error) {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &listener{socket: socket, failed: make(chan error, 1), server: &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what clients do wrong on the wire

		DisableGeneralOptionsHandler: true, // OPTIONS * is for h, as all is
	}}
	go func() {
		if err := room.serve(l.server, socket); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- fmt.Errorf("serve %s: %w", addr, err)
		}
	}()
	return l, nil
}

func (l *listener) addr() string { return l.socket.Addr().String() }

// shutdown takes no more requests and returns when those in hand are answered. When ctx ends first they are cut off.
func (l *listener) shutdown(ctx context.Context) error {
	if err := l.server.Shutdown(ctx); err != nil {
		return errors.Join(err, l.server.Close())
	}
	return nil
}

// close ends the server at once.
func (l *listener) close() { l.server.Close() }
