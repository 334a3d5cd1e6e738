//go:build profile

package main

import (
	"net/http"
	"net/http/pprof"
)

// addProfiles serves profiles of the process. Only bench builds a service that does.
func addProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
}
