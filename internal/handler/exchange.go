package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"webhookd/internal/nopayn"
)

// exchange is one request with its answer: it writes the answer, and gathers what the log line will say.
type exchange struct {
	http.ResponseWriter
	log       *slog.Logger
	requestID string
	start     time.Time

	status int        // 0 until the answer has begun
	code   string     // of the problem that was answered; empty if none was
	key    string     // name of the API key; empty if none was shown
	cause  error      // behind the problem; for the log only
	least  slog.Level // of the line of a good answer
}

type exchangeKey struct{}

// exchangeOf returns the exchange that ctx belongs to. Every request has one.
func exchangeOf(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// exchanges gives every request its id, its log line and a time for its body, and turns a panic into an answer.
func exchanges(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			e := &exchange{ResponseWriter: w, log: log, requestID: requestID(r), start: time.Now()}
			w.Header()["X-Request-Id"] = []string{e.requestID}
			w.Header()["X-Content-Type-Options"] = []string{"nosniff"}
			r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e))
			if len(r.TransferEncoding) > 0 {
				// It may have come with a length as well, which net/http drops, and a proxy in front may have gone by that: what
				// follows on the connection is not to be taken for a request (RFC 9112, 6.1).
				w.Header()["Connection"] = []string{"close"}
			}
			if r.ContentLength != 0 {
				// Here, because the server waits for a body that nobody reads too, before it answers. Where there is no
				// connection to set a deadline for, as in a test, there is nothing to wait for.
				_ = http.NewResponseController(w).SetReadDeadline(e.start.Add(bodyTimeout))
			}
			defer func() {
				e.end(r, recover())
			}()
			next.ServeHTTP(e, r)
		})
	}
}

// WriteHeader notes the status.
func (e *exchange) WriteHeader(status int) {
	if e.status == 0 && status >= http.StatusOK {
		e.status = status
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write begins the answer if nobody has.
func (e *exchange) Write(b []byte) (int, error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	return e.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// end closes the exchange: it answers for a handler that panicked, and logs the request. An answer that a panic cut
// in two cannot be taken back, so then the connection is broken for the client to see it.
func (e *exchange) end(r *http.Request, panicked any) {
	begun := e.status != 0
	abort := panicked == any(http.ErrAbortHandler) // the very value, as net/http compares it
	if panicked != nil && !abort {
		e.cause = errors.New("panic: " + panicText(panicked))
		e.log.LogAttrs(r.Context(), slog.LevelError, "handler panicked",
			slog.String("request_id", e.requestID), slog.String("stack", string(debug.Stack())))
		if !begun {
			newProblem(http.StatusInternalServerError, codeInternal, internalDetail).because(e.cause).write(e)
		}
	}
	e.logLine(r)
	if panicked != nil && (begun || abort) {
		panic(http.ErrAbortHandler)
	}
}

// panicText is what the log may know of a panic. The text of one that is not the run time's may be anything, so also
// of a customer; the stack leads to where it came from.
func panicText(v any) string {
	if fault, ok := v.(runtime.Error); ok {
		return fault.Error()
	}
	return fmt.Sprintf("%T", v)
}

// logLine writes the request's line.
func (e *exchange) logLine(r *http.Request) {
	level := e.level(r.Method)
	if !e.log.Enabled(r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", routePattern(r)),
		slog.Int("status", e.status),
		slog.Float64("duration_seconds", time.Since(e.start).Seconds()),
		slog.String("request_id", e.requestID),
		slog.String("client", middleware.GetClientIP(r.Context())),
	)
	if e.key != "" {
		attrs = append(attrs, slog.String("key", e.key))
	}
	if e.code != "" {
		attrs = append(attrs, slog.String("code", e.code))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("error", nopayn.Discreet(e.cause)))
	}
	e.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// level of the line: an error is ours to repair, a warning somebody's.
func (e *exchange) level(method string) slog.Level {
	switch {
	case e.status == http.StatusServiceUnavailable:
		return slog.LevelWarn
	case e.status >= http.StatusInternalServerError:
		return slog.LevelError
	case e.status >= http.StatusBadRequest || e.status == 0:
		return slog.LevelInfo
	case method == http.MethodGet || method == http.MethodHead:
		return slog.LevelDebug // somebody who polls would fill the log
	}
	return e.least
}

// routePattern names the route without what the client filled in.
func routePattern(r *http.Request) string {
	if p := chi.RouteContext(r.Context()).RoutePattern(); p != "" {
		return p
	}
	return "unmatched"
}
