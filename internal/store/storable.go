package store

import (
	"bytes"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// What the gateway sends is valid JSON. That is more than Postgres, or JSON as we write it, can hold.

// lastYear is the last that RFC 3339, and so JSON, can write.
const lastYear = 9999

// storable is t as exactly as Postgres keeps it, so that it equals itself when it is read again. It is nil for a time
// that is missing, or that JSON cannot write.
func storable(t time.Time) *time.Time {
	if t.Year() > lastYear {
		return nil
	}
	return optional(t.Truncate(time.Microsecond))
}

// cleanDoc makes a document valid UTF-8, as Postgres wants it. JSON from elsewhere need not be.
func cleanDoc(raw []byte) []byte {
	if utf8.Valid(raw) {
		return raw
	}
	return bytes.ToValidUTF8(raw, []byte("\uFFFD"))
}

// cleanText drops what a Postgres text cannot hold.
func cleanText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

// unstorable reports whether Postgres refused a value: what it is (SQLSTATE class 22), or how large or how deeply
// nested (class 54).
func unstorable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && len(pg.Code) == 5 && (pg.Code[:2] == "22" || pg.Code[:2] == "54")
}
