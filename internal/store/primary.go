package store

import (
	"errors"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// errReadOnly is the SQLSTATE of a write that the server does not take, since it is no longer the primary.
const errReadOnly = "25006"

// errNoPrimary says that a server takes no writes. A former primary that has come back so, and to which a pooler leads
// until it is told better, shows commits that waited for the standby when it died: the standby lacks them.
var errNoPrimary = errors.New("the server takes no writes: it is not the primary")

// wantPrimary has a URL that names several servers lead to the one that takes writes, unless it says otherwise.
func wantPrimary(databaseURL string, c *pgx.ConnConfig) {
	if c.ValidateConnect != nil || strings.Contains(databaseURL, "target_session_attrs") {
		return
	}
	for _, f := range c.Fallbacks {
		if f.Host != c.Host || f.Port != c.Port {
			c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
			return
		}
	}
}

// leaveStandby has a pool let go of its connections when one of them finds that its server no longer takes writes: the
// others may lead there too, and would go on to read what is getting old. What connects again finds the primary, if
// the URL leads to it. The caller stores the pool in what is returned.
func leaveStandby(c *pgx.ConnConfig) *atomic.Pointer[pgxpool.Pool] {
	pool := new(atomic.Pointer[pgxpool.Pool])
	closesFatal := c.OnPgError
	c.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		if err.Code != errReadOnly {
			return closesFatal(conn, err)
		}
		if p := pool.Load(); p != nil {
			p.Reset()
		}
		return false
	}
	return pool
}
