package store

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// errAbandoned is seen by nobody but the driver.
var errAbandoned = errors.New("the connection was given up, and what it asked for is not cancelled")

// abandon has a connection that is given up, as after a time-out, closed at once and without the request to cancel what
// it asked for. A commit that waits for a synchronous standby would, when cancelled, end as if it had waited: what the
// standby lacks would be seen and told, and be no more when it takes over. What runs on is ended by the server: see
// settings.
//
// The driver asks for the cancelling on a new connection. So after the first that was made there is none but those.
func abandon(c *pgx.ConnConfig) {
	a := &abandonable{dial: c.DialFunc}
	c.DialFunc = a.connect
	c.AfterConnect = a.connected
}

// abandonable is the way to the server of one connection.
type abandonable struct {
	dial pgconn.DialFunc

	mu   sync.Mutex
	conn net.Conn
	made bool
}

func (a *abandonable) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.made {
		return nil, errors.Join(errAbandoned, a.conn.Close())
	}
	conn, err := a.dial(ctx, network, addr)
	a.conn = conn
	return conn, err
}

func (a *abandonable) connected(context.Context, *pgconn.PgConn) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made = true
	return nil
}
