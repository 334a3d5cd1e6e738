package feed

import (
	"context"
	"time"

	"webhookd/internal/store"
)

// Page returns at most limit events after position after, as [store.Store.Events] does. If there are none it waits for
// the first, until wait is over or the service stops, and then returns none. Each read of the database is bounded; ctx
// need not be.
func (t *Tail) Page(
	ctx context.Context, feed string, after int64, limit int, wait time.Duration,
) (store.Page, error) {
	if err := t.join(); err != nil {
		return store.Page{}, err
	}
	defer t.leave()
	over := time.NewTimer(wait)
	defer over.Stop()
	asked := false // the database, which had no events then
	epoch := t.recent.Load().epoch
	for {
		r := t.recent.Load()
		if r.epoch != epoch { // the feed was replaced: what the database said is worth nothing
			epoch, asked = r.epoch, false
		}
		if r.of(feed) && r.has(after) {
			return r.page(after, limit), nil
		}
		page := store.Page{Feed: r.feed, Events: []store.Event{}, Next: after, Head: after}
		if none := r.of(feed) && (after == r.head || asked && after > r.head); !none {
			var err error
			page, err = t.read(ctx, feed, after, limit)
			if err != nil || len(page.Events) > 0 {
				return page, err
			}
			asked = true
		}
		select {
		case <-r.changed:
			feed = page.Feed // the reader's, from now on
		case <-over.C:
			return page, nil
		case <-t.draining:
			return page, nil
		case <-ctx.Done():
			return store.Page{}, ctx.Err()
		}
	}
}

func (t *Tail) read(ctx context.Context, feed string, after int64, limit int) (store.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return t.source.Events(ctx, feed, after, limit)
}
