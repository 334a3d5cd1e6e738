package week

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// logBook counts what the service says above the everyday.
type logBook struct {
	mu    sync.Mutex
	lines map[string]int
}

// Enabled is part of slog.Handler.
func (l *logBook) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle is part of slog.Handler.
func (l *logBook) Handle(_ context.Context, r slog.Record) error {
	why := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "why" || a.Key == "err" {
			text, _, _ := strings.Cut(a.Value.String(), " for ") // the rest differs each time
			why = ": " + text
		}
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[r.Message+why]++
	return nil
}

// WithAttrs is part of slog.Handler.
func (l *logBook) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup is part of slog.Handler.
func (l *logBook) WithGroup(string) slog.Handler { return l }
