package handler

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

// encodeCursor makes a word of a place in the list of orders that f selects. Clients pass it back as it is.
func encodeCursor(c store.Cursor, f store.Filter) (string, error) {
	mark, err := fingerprint(f)
	if err != nil {
		return "", err
	}
	text := strings.Join([]string{c.At.UTC().Format(time.RFC3339Nano), c.OrderID, mark}, " ")
	return base64.RawURLEncoding.EncodeToString([]byte(text)), nil
}

// decodeCursor reads what encodeCursor made for the same f. No word is the list's beginning. A place in another list
// is refused: what is behind it there may be before it here.
func decodeCursor(word string, f store.Filter) (store.Cursor, error) {
	if word == "" {
		return store.Cursor{}, nil
	}
	mark, err := fingerprint(f)
	if err != nil {
		return store.Cursor{}, err
	}
	bad := invalid(InvalidField{Location: "query.cursor", Message: "expected the next of an answer to the same filters"})
	text, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return store.Cursor{}, bad
	}
	parts := strings.Split(string(text), " ")
	if len(parts) != 3 || !nopayn.ValidID(parts[1]) || parts[2] != mark {
		return store.Cursor{}, bad
	}
	at, err := time.Parse(time.RFC3339Nano, parts[0])
	if err != nil {
		return store.Cursor{}, bad
	}
	return store.Cursor{At: at, OrderID: parts[1]}, nil
}

// fingerprint tells one filter from another.
func fingerprint(f store.Filter) (string, error) {
	if f.UpdatedAfter != nil {
		f.UpdatedAfter = new(f.UpdatedAfter.UTC())
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("mark a cursor: %w", err)
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:8]), nil
}
