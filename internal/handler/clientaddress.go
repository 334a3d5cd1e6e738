package handler

import (
	"net/http"
	"net/netip"

	"github.com/go-chi/chi/v5/middleware"
)

// clientAddress finds out who sent a request: whoever opened the connection, unless that is a trusted proxy which says
// on whose behalf it asks. A proxy that says nothing of use stands for itself.
func clientAddress(trusted []netip.Prefix) []func(http.Handler) http.Handler {
	found := []func(http.Handler) http.Handler{middleware.ClientIPFromRemoteAddr}
	if len(trusted) == 0 {
		return found
	}
	proxies := make([]string, len(trusted))
	for i, p := range trusted {
		proxies[i] = p.String()
	}
	return append(found, middleware.ClientIPFromXFF(proxies...))
}
