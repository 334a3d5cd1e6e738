package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports that are used when they are free.
const (
	shopPort    = 3000
	gatewayPort = 8090
	servicePort = 8080
	adminPort   = 9090
)

// Other ports are picked below those that Linux (32768 on) and macOS (49152 on) give to outgoing connections: a port
// that is free for the moment until webhookd takes it is not lost to one of these.
const (
	firstPort = 15_000
	lastPort  = 32_767
)

// place is an address on this machine. It is held by a listener, so that nobody else takes it.
type place struct{ listener net.Listener }

func (p place) addr() string { return p.listener.Addr().String() }
func (p place) url() string  { return "http://" + p.addr() }

// places are where the parts listen.
type places struct{ shop, gateway, service, admin place }

// openPlaces takes all addresses: the friendly ones if that is asked for and they are free, and any others if not.
func openPlaces(ctx context.Context, friendly bool, say io.Writer) (places, error) {
	var all places
	var failed []error
	for _, p := range []struct {
		place *place
		name  string
		port  int
	}{
		{&all.shop, "the shop", shopPort},
		{&all.gateway, "the gateway", gatewayPort},
		{&all.service, "webhookd", servicePort},
		{&all.admin, "webhookd's admin side", adminPort},
	} {
		var err error
		if p.place.listener, err = take(ctx, p.name, p.port, friendly, say); err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		all.close()
		return places{}, errors.Join(failed...)
	}
	return all, nil
}

// take listens on port if it may, and else on a free one.
func take(ctx context.Context, name string, port int, friendly bool, say io.Writer) (net.Listener, error) {
	if !friendly {
		return takeAny(ctx)
	}
	listener, err := listen(ctx, port)
	if err == nil {
		return listener, nil
	}
	if listener, err = takeAny(ctx); err != nil {
		return nil, fmt.Errorf("an address for %s: %w", name, err)
	}
	fmt.Fprintf(say, "Port %d is taken: %s is at %s.\n", port, name, listener.Addr())
	return listener, nil
}

func takeAny(ctx context.Context) (net.Listener, error) {
	var err error
	for range 100 {
		var listener net.Listener
		if listener, err = listen(ctx, firstPort+rand.IntN(lastPort-firstPort+1)); err == nil {
			return listener, nil
		}
	}
	return nil, fmt.Errorf("find a free port from %d to %d, 100 times; the last: %w", firstPort, lastPort, err)
}

// listen takes a port of the loopback: the demo is for this machine only.
func listen(ctx context.Context, port int) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// freeForService gives up webhookd's two addresses, a moment before it takes them itself. They can still be asked for.
func (p *places) freeForService() error {
	return errors.Join(p.service.listener.Close(), p.admin.listener.Close())
}

// close gives up all addresses.
func (p *places) close() {
	for _, one := range []place{p.shop, p.gateway, p.service, p.admin} {
		if one.listener != nil {
			_ = one.listener.Close() // closed before by whoever served on it: all the same
		}
	}
}
