package feed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"webhookd/internal/feed"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/store"
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

func TestMain(m *testing.M) {
	status := pg.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "goroutines are left over:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// inBubble runs f on fake time with a tail of m.
func inBubble(t *testing.T, m *memory, f func(t *testing.T, live *feed.Tail)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		live, stop := run(t.Context(), m)
		defer stop()
		f(t, live)
	})
}

// run starts a tail; stop ends it and waits for it.
func run(ctx context.Context, source feed.Source) (live *feed.Tail, stop func()) {
	live = feed.New(source, slog.New(slog.DiscardHandler), nil)
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { live.Run(ctx) })
	return live, func() {
		cancel()
		work.Wait()
	}
}

// open begins a stream.
func open(t testing.TB, live *feed.Tail, after *int64) *feed.Stream {
	t.Helper()
	s, err := live.Open(t.Context(), "", after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client reads a stream and checks it.
type client struct {
	stream *feed.Stream
	last   int64 // position of the newest event read
}

// read takes what is there, or waits for at most the time given, and returns how many events came.
func (c *client) read(t testing.TB, wait time.Duration) int {
	t.Helper()
	frames, err := c.stream.Next(t.Context(), time.After(wait))
	if err != nil {
		t.Fatalf("after %d: %v", c.last, err)
	}
	n, err := c.take(frames)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// readTo reads until the position, and fails if nothing comes for a minute.
func (c *client) readTo(t testing.TB, position int64) {
	t.Helper()
	for c.last < position {
		if c.read(t, time.Minute) == 0 {
			t.Fatalf("no events after %d for a minute, want %d", c.last, position)
		}
	}
}

// take reads frames, and returns an error unless their positions go on from the last.
func (c *client) take(frames []byte) (n int, err error) {
	for frame := range bytes.SplitSeq(bytes.TrimSuffix(frames, []byte("\n\n")), []byte("\n\n")) {
		if len(frame) == 0 {
			continue
		}
		e, err := parse(string(frame))
		if err != nil {
			return n, err
		}
		if e.Seq != c.last+1 {
			return n, fmt.Errorf("event %d follows %d", e.Seq, c.last)
		}
		c.last = e.Seq
		n++
	}
	return n, nil
}

// parse reads one frame.
func parse(frame string) (e store.Event, err error) {
	lines := strings.Split(frame, "\n")
	if len(lines) != 3 {
		return e, fmt.Errorf("frame of %d lines: %q", len(lines), frame)
	}
	data, ok := strings.CutPrefix(lines[2], "data: ")
	if !ok {
		return e, fmt.Errorf("frame %q", frame)
	}
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return e, fmt.Errorf("frame %q: %w", frame, err)
	}
	if lines[0] != fmt.Sprintf("id: %d", e.Seq) || lines[1] != "event: "+string(e.Type) {
		return e, fmt.Errorf("frame %q", frame)
	}
	return e, nil
}
