package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// checkTimeout bounds what readiness asks the database.
	checkTimeout = 2 * time.Second
	// roundTimeout is how long ago the poller's last good round may be. It is a multiple of its tick.
	roundTimeout = 15 * time.Second
)

// readiness says whether the service can do its work. Each check is a question with a bounded answer; no checks yet
// means that the service is starting.
type readiness struct {
	log *slog.Logger

	mu       sync.Mutex
	draining bool
	checks   []readinessCheck
	failing  map[string]bool // what the log knows, by check
}

type readinessCheck struct {
	name string
	ask  func(context.Context) error
}

// start makes the checks count.
func (r *readiness) start(checks ...readinessCheck) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = checks
}

// drain makes the service not ready, for good.
func (r *readiness) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.draining = true
}

// ServeHTTP answers 200 or 503, and which checks failed; with ?verbose it lists all.
func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	draining, checks := r.draining, r.checks
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(req.Context(), checkTimeout)
	defer cancel()
	ok, report := true, ""
	switch {
	case draining:
		ok, report = false, "[-] draining\n"
	case checks == nil:
		ok, report = false, "[-] starting\n"
	}
	for _, c := range checks {
		err := c.ask(ctx)
		r.heed(c.name, err)
		if err != nil {
			ok = false
			report += "[-] " + c.name + "\n" // the log has the error: an admin page is not for inner texts either
		} else if req.URL.Query().Has("verbose") {
			report += "[+] " + c.name + "\n"
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "%snot ready\n", report)
		return
	}
	fmt.Fprintf(w, "%sready\n", report)
}

// heed tells the log when a check's verdict changes.
func (r *readiness) heed(name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch failing := r.failing[name]; {
	case err != nil && !failing:
		r.log.Warn("not ready", "check", name, "err", err)
	case err == nil && failing:
		r.log.Info("ready again", "check", name)
	}
	if r.failing == nil {
		r.failing = map[string]bool{}
	}
	r.failing[name] = err != nil
}

// adminHandler serves the operator's side, which is not for the public.
func adminHandler(ready *readiness, reg *prometheus.Registry, b build) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "alive")
	})
	mux.Handle("GET /readyz", ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg}))
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(b) // the reader has gone: nothing to do
	})
	return mux
}
