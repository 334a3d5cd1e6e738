package listener

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/handler"
)

// TestShutdownCutsOff what is in hand, and says so. Who has only connected has nothing in hand.
func TestShutdownCutsOff(t *testing.T) {
	for _, c := range []struct {
		name, says string
		cut        bool
	}{
		{"a request in hand", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
		{"half a request", "GET / HTTP/1.1\r\nHost:", false},
		{"a connection that says nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			room := NewConnections("test", 10, nil, handler.Network, prometheus.NewRegistry())
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			l, err := Listen(t.Context(), "127.0.0.1:0", h, room, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(c.says)); err != nil {
				t.Fatal(err)
			}
			room.awaits(t, c.cut)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := l.Shutdown(ctx); (err != nil) != c.cut {
				t.Errorf("Shutdown: %v, want that something was cut off: %t", err, c.cut)
			}
		})
	}
}

// awaits waits until there is a connection, with a request in hand or without.
func (c *Connections) awaits(t *testing.T, inHand bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		c.mu.Lock()
		open := len(c.open)
		c.mu.Unlock()
		if open == 1 && (c.inHand() == 1) == inHand {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			t.Fatal("nobody came")
		}
	}
}
