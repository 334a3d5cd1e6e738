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
	// maxScrapes bounds how many gather the figures at a time.
	maxScrapes = 4
)

// readiness says whether the service can do its work. Each check is a question with a bounded answer; no checks yet
// means that the service is starting.
type readiness struct {
	log *slog.Logger

	mu       sync.Mutex
	draining bool
	checks   []readinessCheck

	asking  sync.Mutex // held while the checks ask: one at a time, or many callers would take the pool from webhooks
	began   time.Time  // when they last began
	found   []checkAnswer
	failing map[string]bool // what the log knows, by check
}

// checkAnswer is a check's name, and what is wrong, if something is.
type checkAnswer struct {
	check string
	err   error
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
	ok, report := true, ""
	switch {
	case draining:
		ok, report = false, "[-] draining\n"
	case checks == nil:
		ok, report = false, "[-] starting\n"
	}
	for _, f := range r.ask(checks) {
		if f.err != nil {
			ok = false
			report += "[-] " + f.check + "\n" // the log has the error: an admin page is not for inner texts either
		} else if req.URL.Query().Has("verbose") {
			report += "[+] " + f.check + "\n"
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

// ask has the checks ask, unless they began to after it was called: then what they found is as good.
func (r *readiness) ask(checks []readinessCheck) []checkAnswer {
	called := time.Now()
	r.asking.Lock()
	defer r.asking.Unlock()
	if r.began.After(called) {
		return r.found
	}
	r.began = time.Now()
	// Not the caller's context: others may share the answer.
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	found := make([]checkAnswer, len(checks))
	for i, c := range checks {
		found[i] = checkAnswer{c.name, c.ask(ctx)}
		r.heed(c.name, found[i].err)
	}
	r.found = found
	return found
}

// heed tells the log when a check's verdict changes.
func (r *readiness) heed(name string, err error) {
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
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		Registry: reg, MaxRequestsInFlight: maxScrapes,
	}))
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(b) // the reader has gone: nothing to do
	})
	addProfiles(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}
