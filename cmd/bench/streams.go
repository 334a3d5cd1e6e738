package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	streamRate = 200 // events a second
	// streamTime is long enough for a client that reads nothing to fill the connection's buffers and be dropped.
	streamTime = 8 // times the length of another measurement
	// dropTime is how much longer to wait for that.
	dropTime = 30 * time.Second
)

// streams prints how soon events reach many clients of one replica, one of which reads nothing.
func (b *bench) streams(ctx context.Context, w io.Writer) error {
	c, err := b.startOurs(ctx, wideBudget(0)...)
	if err != nil {
		return err
	}
	defer c.stop()
	following, stop := context.WithCancel(ctx)
	defer stop()
	lazy, err := openLazy(following, c.url)
	if err != nil {
		return err
	}
	defer lazy.Close()
	crowd := newCrowd(b.clients)
	wait, err := crowd.gather(following, c.url)
	if err != nil {
		return err
	}
	before, err := b.usage(c)
	if err != nil {
		return err
	}
	sent, err := sendAt(ctx, c.url+"/webhooks/costplus", streamRate, streamTime*b.duration, "stream")
	if err != nil {
		return err
	}
	after, err := b.usage(c)
	if err != nil {
		return err
	}
	load, err := c.weigh(ctx)
	if err != nil {
		return err
	}
	// What is still missing after the wait is printed.
	_ = until(ctx, drainTime, func() bool { return crowd.received.Load() >= int64(sent*b.clients) })
	dropped, err := b.dropped(ctx, c)
	if err != nil {
		return err
	}
	stop()
	if err := wait(); err != nil {
		return err
	}
	q := crowd.took().quantiles(0.5, 0.99, 1)
	fmt.Fprintf(w, "streams: %d clients, %d events a second for %s\n", b.clients, streamRate, streamTime*b.duration)
	fmt.Fprintf(w, "  webhook to client   p50 %6.1f ms   p99 %6.1f ms   max %6.1f ms\n",
		milliseconds(q[0]), milliseconds(q[1]), milliseconds(q[2]))
	fmt.Fprintf(w, "  events received     %d of %d, %d out of order or twice\n",
		crowd.received.Load(), sent*b.clients, crowd.wrong.Load())
	fmt.Fprintf(w, "  who reads nothing   %s\n", dropped)
	fmt.Fprintf(w, "  weight              %s   %s\n", load, after.since(before))
	return nil
}

// openLazy opens a stream that nobody reads, on a connection that holds little.
func openLazy(ctx context.Context, base string) (net.Conn, error) {
	conn, _, err := dialStream(ctx, base)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = tcp.SetReadBuffer(4 << 10)
	}
	return conn, err
}

// dropped waits for the client that reads nothing to be dropped, if it will be.
func (b *bench) dropped(ctx context.Context, c *child) (string, error) {
	var left float64
	var err error
	gone := until(ctx, min(dropTime, 6*b.duration), func() bool {
		left, err = c.metric(ctx, "webhookd_stream_clients")
		return err != nil || int(left) <= b.clients
	})
	if gone == nil {
		return "is dropped", err
	}
	return "is not dropped yet", nil
}

// crowd is many clients.
type crowd struct {
	clients  []*client
	received atomic.Int64
	wrong    atomic.Int64 // events that do not follow the one before
}

// client is one of them.
type client struct {
	crowd  *crowd
	before int64 // position of the newest event
	took   []time.Duration
}

func newCrowd(size int) *crowd {
	c := &crowd{}
	for range size {
		c.clients = append(c.clients, &client{crowd: c})
	}
	return c
}

// gather opens their streams. wait returns when all have ended, which they do with ctx.
func (c *crowd) gather(ctx context.Context, base string) (wait func() error, err error) {
	waits := make([]func() error, len(c.clients))
	errs := make([]error, len(c.clients))
	places := make(chan struct{}, 32)
	var openers sync.WaitGroup
	for i, client := range c.clients {
		places <- struct{}{}
		openers.Go(func() {
			defer func() { <-places }()
			waits[i], errs[i] = follow(ctx, base, client.see)
		})
	}
	openers.Wait()
	return func() error {
		var errs []error
		for _, wait := range waits {
			errs = append(errs, wait())
		}
		return errors.Join(errs...)
	}, errors.Join(errs...)
}

// see is what a client does with an event.
func (c *client) see(seq int64, id []byte) {
	if c.before > 0 && seq != c.before+1 {
		c.crowd.wrong.Add(1)
	}
	c.before = seq
	if due, ok := stamp(id); ok {
		c.crowd.received.Add(1)
		c.took = append(c.took, time.Since(due))
	}
}

// took are the times of all clients, once they have ended.
func (c *crowd) took() *times {
	all := &times{}
	for _, client := range c.clients {
		all.add(client.took...)
	}
	return all
}
