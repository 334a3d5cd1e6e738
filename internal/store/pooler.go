package store

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// execMode is the setting of a database URL that says how statements are sent.
const execMode = "default_query_exec_mode"

// through has each connection of a pool suit what is between us and the server. A pooler in transaction mode gives each
// transaction another server process, so that whatever is left in a session is lost to us, and found by a stranger.
// Behind one nothing is left there: statements are sent whole, with what is known of their types, and no settings.
//
// A pooler cannot promise a server process, so it is known by one that answers under another number than the one
// promised. One in session mode looks the same, and is treated the same.
type through struct {
	named  bool        // the URL says how to send statements, and knows better
	pooled atomic.Bool // the newest connection goes through a pooler
	unfit  atomic.Bool // connections were made that must not be used
}

func newThrough(databaseURL string) *through {
	return &through{named: strings.Contains(databaseURL, execMode)}
}

func (t *through) beforeConnect(_ context.Context, c *pgx.ConnConfig) error {
	if t.pooled.Load() && !t.named {
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	abandon(c)
	return nil
}

// settings has the planner read through indexes, as everything asked of a pool is meant to. Left to itself it makes
// plans that read a whole table while that is small, and keeps using them while the table grows, until somebody
// analyzes it: a new service in its first busy minute would slow down to a crawl. JIT compilation never pays off here.
// Behind a pooler every plan is made for one execution, and the size of the table is then seen.
//
// Nobody waits for a statement for longer than statement_timeout says; what was given up ends by it. It does not bound
// the wait of a commit for a standby.
const settings = `
	select direct, case when direct then set_config('enable_seqscan', 'off', false) ||
		set_config('jit', 'off', false) || set_config('statement_timeout', '10s', false) end
	from (select pg_backend_pid()::bigint = $1::bigint as direct offset 0) as process`

// afterConnect asks in one round trip whether the server process is the one promised, and sets it up if so.
func (t *through) afterConnect(ctx context.Context, conn *pgx.Conn) error {
	var direct bool
	err := conn.QueryRow(ctx, settings, pgx.QueryExecModeExec, int64(conn.PgConn().PID())).Scan(&direct, nil)
	if err != nil {
		return fmt.Errorf("prepare a database connection: %w", err)
	}
	t.pooled.Store(!direct)
	if !direct && !t.named && conn.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		conn.PgConn().CustomData()[execMode] = "unfit"
		t.unfit.Store(true)
	}
	return nil
}

// prepareConn has the pool replace a connection that was made before it was known that there is a pooler.
func (t *through) prepareConn(_ context.Context, conn *pgx.Conn) (bool, error) {
	return !t.unfit.Load() || conn.PgConn().CustomData()[execMode] == nil, nil
}
