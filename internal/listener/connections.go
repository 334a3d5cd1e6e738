package listener

import (
	"container/list"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// PublicConnections is what the public listener of the service has room for: more than those that may wait for events,
// so that they leave room for webhooks.
const PublicConnections = 8000

// sourceShare is the part of all connections that one source may have.
const sourceShare = 4

// Connections bounds how many connections a listener has, in all and of one source. Use NewConnections.
//
// When there is no room, a newcomer takes the place of a connection that has no whole request in hand, because it is
// idle or has yet to say all it wants: of the one that has been so for longest. Whoever opens connections to say
// nothing, or to say it slowly, so shuts out nobody but others like it. Where all have a request in hand the newcomer
// is closed.
type Connections struct {
	limit   int
	share   int            // of one source
	trusted []netip.Prefix // proxies, which stand for many sources and have no share
	source  func(netip.Addr) netip.Addr

	now                prometheus.Gauge
	refused, displaced prometheus.Counter

	mu      sync.Mutex
	open    map[net.Conn]*connection
	peers   map[netip.Addr]*peer
	waiting *list.List // of the *connection without a whole request in hand, the longest waiting first
}

type connection struct {
	net.Conn
	from *peer
	// Where it stands in Connections.waiting and in peer.waiting; nil with a whole request in hand.
	inAll, inPeer *list.Element
}

// peer is a source of connections.
type peer struct {
	network netip.Addr
	open    int
	waiting *list.List
}

// NewConnections returns room for limit connections, or for three quarters of what this process may open if that is
// less: the rest is for the database and the gateway. Trusted are proxies, which stand for many sources; source says what
// addresses are one source, by one of them. The listener's name is a label of the metrics.
func NewConnections(
	listener string, limit int, trusted []netip.Prefix, source func(netip.Addr) netip.Addr, reg prometheus.Registerer,
) *Connections {
	limit = min(limit, openFiles()/4*3)
	labels := prometheus.Labels{"listener": listener}
	dropped := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "webhookd_connections_dropped_total", ConstLabels: labels,
		Help: "Connections closed for want of room: refused, or displaced while they had no request in hand.",
	}, []string{"reason"})
	return &Connections{
		limit: limit, share: max(1, limit/sourceShare), trusted: trusted, source: source,
		now: promauto.With(reg).NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_connections", ConstLabels: labels, Help: "Connections that are open.",
		}),
		refused: dropped.WithLabelValues("refused"), displaced: dropped.WithLabelValues("displaced"),
		open: map[net.Conn]*connection{}, peers: map[netip.Addr]*peer{}, waiting: list.New(),
	}
}

// openFiles is how many files and connections this process may have.
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1 << 10 // what is usual
	}
	return int(min(limit.Cur, 1<<20))
}

// serve has srv serve socket, with the connections kept out that there is no room for. It returns as srv.Serve does.
func (c *Connections) serve(srv *http.Server, socket net.Listener) error {
	srv.ConnState, srv.ConnContext, srv.Handler = c.state, c.context, c.watch(srv.Handler)
	return srv.Serve(roomyListener{socket, c})
}

type roomyListener struct {
	net.Listener
	room *Connections
}

// Accept returns the next connection that there is room for.
func (l roomyListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || l.room.admit(conn) {
			return conn, err
		}
		conn.Close()
	}
}

// admit makes room for a new connection, if it can.
func (c *Connections) admit(conn net.Conn) bool {
	network, shared := c.sourceOf(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	from := c.peers[network]
	if from == nil {
		from = &peer{network: network, waiting: list.New()}
	}
	full := c.waiting
	switch {
	case !shared && from.open >= c.share:
		full = from.waiting
	case len(c.open) < c.limit:
		full = nil
	}
	if full != nil && !c.displace(full.Front()) {
		c.refused.Inc()
		return false
	}
	c.peers[network] = from
	from.open++
	entry := &connection{Conn: conn, from: from}
	c.open[conn] = entry
	c.wait(entry)
	c.now.Set(float64(len(c.open)))
	return true
}

// sourceOf is whom a connection is counted for, and whether that is a proxy, which stands for many.
func (c *Connections) sourceOf(conn net.Conn) (network netip.Addr, shared bool) {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, true // no address of the internet
	}
	addr := remote.Addr().Unmap()
	return c.source(addr), slices.ContainsFunc(c.trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// displace closes the waiting connection at the place, if there is one.
func (c *Connections) displace(place *list.Element) bool {
	if place == nil {
		return false
	}
	entry := place.Value.(*connection)
	c.forget(entry)
	entry.Close()
	c.displaced.Inc()
	return true
}

// state is the server's ConnState.
func (c *Connections) state(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.open[conn]
	if entry == nil {
		return // displaced
	}
	switch state {
	case http.StateActive, http.StateIdle: // active is who sent the header of a request
		c.wait(entry)
	case http.StateClosed, http.StateHijacked:
		c.forget(entry)
	}
}

type connectionKey struct{}

// context is the server's ConnContext.
func (c *Connections) context(ctx context.Context, conn net.Conn) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return context.WithValue(ctx, connectionKey{}, c.open[conn])
}

// watch returns h, with the connections of requests that have arrived as a whole kept from being displaced.
func (c *Connections) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry, _ := r.Context().Value(connectionKey{}).(*connection)
		switch {
		case entry == nil: // displaced
		case r.ContentLength == 0, r.Method == http.MethodGet, r.Method == http.MethodHead: // whose body nobody reads
			c.arrived(entry)
		default:
			r.Body = &watchedBody{r.Body, func() { c.arrived(entry) }}
		}
		h.ServeHTTP(w, r)
	})
}

// watchedBody tells when it has been read to its end.
type watchedBody struct {
	io.ReadCloser
	ended func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF { //nolint:errorlint // the very value, as io.Reader has it
		b.ended()
	}
	return n, err
}

// arrived says that the connection's request is in hand.
func (c *Connections) arrived(e *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.work(e)
}

// inHand is how many connections have a whole request in hand.
func (c *Connections) inHand() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) - c.waiting.Len()
}

// wait puts an entry behind all that wait.
func (c *Connections) wait(e *connection) {
	c.work(e)
	e.inAll, e.inPeer = c.waiting.PushBack(e), e.from.waiting.PushBack(e)
}

// work takes an entry from those that wait.
func (c *Connections) work(e *connection) {
	if e.inAll == nil {
		return
	}
	c.waiting.Remove(e.inAll)
	e.from.waiting.Remove(e.inPeer)
	e.inAll, e.inPeer = nil, nil
}

// forget takes an entry out.
func (c *Connections) forget(e *connection) {
	c.work(e)
	delete(c.open, e.Conn)
	if e.from.open--; e.from.open == 0 {
		delete(c.peers, e.from.network)
	}
	c.now.Set(float64(len(c.open)))
}
