package feed

import (
	"context"
	"errors"
	"io"
	"time"

	"webhookd/internal/store"
)

const (
	// catchUpPage is how many events a lagging stream reads at a time: few, because it holds them until the client has
	// taken them.
	catchUpPage = 50
	// catchUpRetry is how long it waits when that failed.
	catchUpRetry = time.Second
)

// Stream is one client's way through the feed. It is used by one goroutine.
type Stream struct {
	tail     *Tail
	start    store.Extent
	epoch    int
	position int64    // newest event handed out
	pending  []*batch // read and not yet handed out
}

// Open begins a stream behind position after, or at the feed's end if that is nil. If feed is not empty it must be the
// feed's identity. A place that cannot be continued from is a *store.GoneError. Close must be called.
func (t *Tail) Open(ctx context.Context, feed string, after *int64) (*Stream, error) {
	s := &Stream{tail: t, epoch: t.recent.Load().epoch}
	var err error
	if s.start, err = t.source.Extent(ctx); err != nil {
		return nil, err
	}
	s.position = s.start.Head
	if after != nil {
		s.position = *after
	}
	if err := s.start.Continue(feed, s.position); err != nil {
		return nil, err
	}
	if err := t.join(); err != nil {
		return nil, err
	}
	t.streams.Inc()
	return s, nil
}

// Close ends the stream.
func (s *Stream) Close() {
	s.tail.streams.Dec()
	s.tail.leave()
}

// Start is what the feed held when the stream was opened.
func (s *Stream) Start() store.Extent { return s.start }

// Position is that of the newest event handed out, or where the stream was opened.
func (s *Stream) Position() int64 { return s.position }

// Next waits for events and returns the frames of those that are there, without gap behind those of the call before.
// They are shared and must not be changed. It returns nothing when beat fires first. The error is io.EOF when the stream
// ends because the service stops or the feed was replaced, a *store.GoneError when the events needed are no longer kept,
// and that of ctx when it ends.
func (s *Stream) Next(ctx context.Context, beat <-chan time.Time) ([]byte, error) {
	for {
		r := s.tail.recent.Load()
		if s.over(r) {
			return nil, io.EOF
		}
		var retry <-chan time.Time
		switch {
		case len(s.pending) > 0:
			return s.take(s.pending[0]), nil
		case !r.of(s.start.Feed): // not yet
		case r.has(s.position):
			return s.take(r.batches[r.find(s.position)]), nil
		case s.position < r.base:
			err := s.catchUp(ctx)
			if err == nil {
				continue
			}
			var gone *store.GoneError
			if errors.As(err, &gone) || ctx.Err() != nil {
				return nil, err
			}
			retry = time.After(catchUpRetry) // the tail tells the log when the database is away
		}
		select {
		case <-r.changed:
		case <-retry:
		case <-beat:
			return nil, nil
		case <-s.tail.draining:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// over reports whether the stream has to end.
func (s *Stream) over(r *recent) bool {
	select {
	case <-s.tail.draining:
		return true
	default:
		return r.epoch != s.epoch
	}
}

// take hands out what is new in b.
func (s *Stream) take(b *batch) []byte {
	_, frames := b.after(s.position)
	s.position = b.last()
	if len(s.pending) > 0 {
		s.pending = s.pending[1:]
	}
	return frames
}

// catchUp reads the next page from the database.
func (s *Stream) catchUp(ctx context.Context) error {
	page, err := s.tail.readPage(ctx, s.start.Feed, s.position)
	if err != nil {
		return err
	}
	if err := dense(s.position, page.Events); err != nil {
		return err
	}
	s.pending, err = render(page.Events)
	return err
}

// readPage reads a page for one that lags behind, in turn with the others.
func (t *Tail) readPage(ctx context.Context, feed string, after int64) (store.Page, error) {
	select {
	case t.reading <- struct{}{}:
		defer func() { <-t.reading }()
	case <-t.draining:
		return store.Page{}, io.EOF
	case <-ctx.Done():
		return store.Page{}, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return t.source.Events(ctx, feed, after, catchUpPage)
}
