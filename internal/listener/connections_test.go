package listener

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/handler"
)

// fakeConn is a connection from an address, which knows whether it was closed.
type fakeConn struct {
	net.Conn
	from   string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from))
}

func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}

// queue is Connections, with what tests do to them.
type queue struct {
	*Connections
	t *testing.T
}

func newQueue(t *testing.T, limit int, trusted ...string) queue {
	var proxies []netip.Prefix
	for _, p := range trusted {
		proxies = append(proxies, netip.MustParsePrefix(p))
	}
	return queue{NewConnections("test", limit, proxies, handler.Network, prometheus.NewRegistry()), t}
}

// come has n connections come from an address. They must be let in, or not.
func (c queue) come(n int, from string, admitted bool) []*fakeConn {
	c.t.Helper()
	conns := make([]*fakeConn, n)
	for i := range conns {
		conns[i] = &fakeConn{from: from}
		if got := c.admit(conns[i]); got != admitted {
			c.t.Fatalf("connection %d from %s: admitted %t, want %t", i, from, got, admitted)
		}
	}
	return conns
}

func (c queue) turn(conns []*fakeConn, state http.ConnState) {
	for _, conn := range conns {
		c.state(conn, state)
	}
}

// ask has requests arrive as a whole.
func (c queue) ask(conns []*fakeConn) {
	for _, conn := range conns {
		c.state(conn, http.StateActive)
		c.arrived(c.open[conn])
	}
}

func (c queue) wantClosed(conns []*fakeConn, want int) {
	c.t.Helper()
	closed := 0
	for _, conn := range conns {
		if conn.closed {
			closed++
		}
	}
	if closed != want {
		c.t.Errorf("%d connections were closed, want %d", closed, want)
	}
}

func (c queue) wantOpen(want int) {
	c.t.Helper()
	if len(c.open) != want {
		c.t.Errorf("%d connections are open, want %d", len(c.open), want)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Run("who has waited longest gives way", func(t *testing.T) {
		c := newQueue(t, 40)
		var all []*fakeConn
		for i := range 4 {
			all = append(all, c.come(10, fmt.Sprintf("192.0.2.%d:1", i), true)...)
		}
		c.ask(all[:5])
		c.come(3, "198.51.100.1:1", true)
		c.wantClosed(all[5:8], 3)
		c.wantClosed(all, 3)
		c.turn(all[:1], http.StateIdle)    // now it has waited for the shortest time
		c.turn(all[8:9], http.StateActive) // now that one has: it sends a body
		c.come(1, "198.51.100.1:1", true)
		c.wantClosed(all[:1], 0)
		c.wantClosed(all[8:9], 0)
		c.wantClosed(all[9:10], 1)
		c.wantOpen(40)
	})
	t.Run("who has a request in hand does not", func(t *testing.T) {
		c := newQueue(t, 8)
		for i := range 4 {
			c.ask(c.come(2, fmt.Sprintf("192.0.2.%d:1", i), true))
		}
		c.come(1, "198.51.100.1:1", false)
		c.wantOpen(8)
	})
	t.Run("a source has its share", func(t *testing.T) {
		c := newQueue(t, 40)
		others := c.come(1, "192.0.2.1:1", true)
		greedy := c.come(10, "192.0.2.2:1", true)
		more := c.come(1, "192.0.2.2:1", true) // in the place of another one of its own
		c.wantClosed(greedy, 1)
		c.ask(greedy[1:])
		c.ask(more)
		c.come(1, "192.0.2.2:1", false)
		c.wantClosed(others, 0)
		c.turn(greedy[1:2], http.StateClosed)
		c.come(1, "192.0.2.2:1", true)
		c.wantOpen(11)
	})
	t.Run("a network of IPv6 is one source", func(t *testing.T) {
		c := newQueue(t, 8)
		c.ask(c.come(2, "[2001:db8::1]:1", true))
		c.come(1, "[2001:db8::2:1]:1", false)
		c.come(1, "[2001:db8:1::1]:1", true)
	})
	t.Run("a proxy stands for many", func(t *testing.T) {
		c := newQueue(t, 40, "10.0.0.0/8")
		c.ask(c.come(40, "[::ffff:10.1.2.3]:1", true))
		c.come(1, "10.1.2.3:1", false)
	})
	t.Run("nothing is left of who has gone", func(t *testing.T) {
		c := newQueue(t, 8)
		for i := range 100 {
			conns := c.come(2, fmt.Sprintf("192.0.2.%d:1", i), true)
			c.ask(conns)
			c.turn(conns, http.StateClosed)
			c.turn(conns, http.StateClosed) // as of one that was displaced
		}
		if len(c.open)+len(c.peers)+c.waiting.Len() > 0 {
			t.Errorf("%d connections, %d peers and %d that wait are left", len(c.open), len(c.peers), c.waiting.Len())
		}
	})
}
