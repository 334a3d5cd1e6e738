package store

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// Unavailable reports whether err says that the database cannot be used just now, as opposed to an answer of its: it
// cannot be reached, did not answer in time, is starting or stopping, is out of connections, memory or disk, has
// become read-only because another server is now the primary, let another transaction win, or does not have our tables
// yet. The same call may succeed later. A call that its own caller gave up says nothing of the database.
func Unavailable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		return passing(pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, ErrOverloaded) ||
		errors.Is(err, errNoPrimary) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// passing reports whether a SQLSTATE tells of the server's condition rather than of what was asked.
func passing(code string) bool {
	switch code[:2] {
	case "08", // connection
		"40", // lost against another transaction
		"53", // out of connections, memory or disk
		"57", // starting, stopping or told to cancel
		"58": // the system under it
		return true
	}
	switch code {
	case errReadOnly,
		"25P03",          // idle in a transaction for too long: we were frozen
		"42P01", "42703": // no such table or column: the schema is not migrated yet
		return true
	}
	return false
}
