package handler

import (
	"crypto/rand"
	"net/http"
)

const maxRequestID = 64

// requestID takes the caller's X-Request-Id, so that a request can be followed from service to service, or makes one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); saneRequestID(id) {
		return id
	}
	return rand.Text()
}

// saneRequestID reports whether id may stand in a header and in a log: 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-".
func saneRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
