// Package listener serves HTTP on an address, with bounds on time, on headers and on connections, so that whoever says
// nothing, or says it slowly, shuts out nobody else.
package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// WriteTimeout bounds the time from a request's header to the end of its answer. It is more than the longest answer may
// wait.
const WriteTimeout = 45 * time.Second

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second  // a whole request, which is at most 64 KiB
	idleTimeout       = 120 * time.Second // more than a load balancer's, so that it closes first
	maxHeaderBytes    = 16 << 10
)

// Listener is one HTTP server at work. Use Listen.
type Listener struct {
	server *http.Server
	socket net.Listener
	room   *Connections
	failed chan error
}

// Listen serves h on addr, host:port, from now on until Shutdown or Close, to as many connections as there is room for.
// The log gets, at level debug, what clients do wrong on the wire.
func Listen(
	ctx context.Context, addr string, h http.Handler, room *Connections, log *slog.Logger,
) (*Listener, error) {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l := &Listener{socket: socket, room: room, failed: make(chan error, 1), server: &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: WriteTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true, // OPTIONS * is for h, as all is
	}}
	go func() {
		if err := room.serve(l.server, socket); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- fmt.Errorf("serve %s: %w", addr, err)
		}
	}()
	return l, nil
}

// Addr is where it listens, with the port that it was given.
func (l *Listener) Addr() string { return l.socket.Addr().String() }

// Failed is sent what ended it, other than Shutdown or Close.
func (l *Listener) Failed() <-chan error { return l.failed }

// Shutdown takes no more requests and returns when those in hand are answered. When ctx ends first they are cut off, and
// it returns an error. A connection that has not said what it wants is waited for too, and then closed: that is none.
func (l *Listener) Shutdown(ctx context.Context) error {
	err := l.server.Shutdown(ctx)
	if err == nil {
		return nil
	}
	if errors.Is(err, ctx.Err()) && l.room.inHand() == 0 {
		err = nil
	}
	return errors.Join(err, l.server.Close())
}

// Close ends the server at once.
func (l *Listener) Close() { l.server.Close() }
