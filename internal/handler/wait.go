package handler

import (
	"context"
	"errors"
	"time"

	"webhookd/internal/feed"
	"webhookd/internal/store"
)

// maxWait bounds how long a client may have its answer held.
const maxWait = 30 * time.Second

// parseWait reads a query's wait; without one there is none.
func parseWait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > maxWait {
		return 0, invalid(InvalidField{Location: "query.wait", Message: "expected a duration from 0s to 30s"})
	}
	return wait, nil
}

const untilChange = "change"

// wait returns for how long the answer is to be held.
func (in *orderRequest) wait() (time.Duration, error) {
	if in.Wait == "" && in.Until != "" {
		return 0, invalid(InvalidField{Location: "query.until", Message: "expected together with wait only"})
	}
	return parseWait(in.Wait)
}

// awaitOrder reads an order, and again at each of its events, until it is what the client waits for or the time is
// over.
func (a *api) awaitOrder(ctx context.Context, in *orderRequest) (store.Order, error) {
	id := string(in.ID)
	wait, err := in.wait()
	if err != nil {
		return store.Order{}, err
	}
	wait -= time.Since(exchangeOf(ctx).start) // a look may have taken a part of it
	if wait <= 0 {
		return a.read(ctx, in.ID)
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	watch, err := a.Feed.Watch(id) // before the first read, so that nothing falls in between
	if err != nil {
		return store.Order{}, err
	}
	defer watch.Close()
	o, err := a.read(ctx, in.ID)
	for seq := o.Seq; awaited(err); o, err = a.read(ctx, in.ID) {
		if err == nil && in.reached(o, seq) {
			return o, nil
		}
		if !pause(ctx, watch, over) {
			return a.read(ctx, in.ID)
		}
	}
	return o, err
}

// awaited reports whether a read that ended so may be followed by a better one.
func awaited(err error) bool { return err == nil || errors.Is(err, store.ErrNotFound) }

// reached reports whether o is what the client waits for. seq is the order's position as it was found first.
func (in *orderRequest) reached(o store.Order, seq int64) bool {
	switch {
	case in.Until != untilChange:
		return o.Final
	case in.IfNoneMatch == "":
		return o.Seq != seq
	}
	tag, err := etag(o)
	return err != nil || !matches(in.IfNoneMatch, tag) // an error shows again as the order is answered
}

// pause waits for the next event of the order, and reports whether there may have been one. Otherwise the wait is over.
func pause(ctx context.Context, watch *feed.Watch, over *time.Timer) bool {
	select {
	case <-watch.Changed():
		return true
	case <-over.C:
	case <-watch.Stopped():
	case <-ctx.Done():
	}
	return false
}
