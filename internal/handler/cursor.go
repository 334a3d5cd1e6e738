package handler

import (
	"encoding/base64"
	"strings"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// encodeCursor makes a word of a place in the list of orders. Clients pass it back as it is.
func encodeCursor(c store.Cursor) string {
	text := c.At.UTC().Format(time.RFC3339Nano) + " " + c.OrderID
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// decodeCursor reads what encodeCursor made. No word is the list's beginning.
func decodeCursor(word string) (store.Cursor, error) {
	if word == "" {
		return store.Cursor{}, nil
	}
	bad := invalid(InvalidField{Location: "query.cursor", Message: "expected the next of an earlier answer"})
	text, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return store.Cursor{}, bad
	}
	at, id, found := strings.Cut(string(text), " ")
	firstSeenAt, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || !found || !nopayn.ValidID(id) {
		return store.Cursor{}, bad
	}
	return store.Cursor{At: firstSeenAt, OrderID: id}, nil
}
