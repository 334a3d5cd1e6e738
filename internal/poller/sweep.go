package poller

import (
	"context"
	"errors"
	"net/http"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/store"
)

const (
	// sweepFurthest bounds how far back a sweep reaches after the service was away.
	sweepFurthest = 7 * 24 * time.Hour
	// sweepAhead lists a little of the future too, for a gateway whose clock is ahead of ours.
	sweepAhead = time.Hour
	// sweepLook is how often we look whether a sweep is due: another replica may have taken the last one.
	sweepLook = 15 * time.Second
	// sweepShortest is the shortest stretch that is parted because its list is too long.
	sweepShortest = time.Minute
)

// sweepLoop reads the gateway's order list at the interval, until ctx ends or the gateway forbids it.
func (p *Poller) sweepLoop(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	every(ctx, min(p.config.SweepInterval, sweepLook), func(ctx context.Context) {
		err := p.Sweep(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case forbidden(err):
			p.log.WarnContext(ctx, "the gateway does not let us list orders: sweeping is off", "why", reason(err))
			stop()
		default:
			p.log.WarnContext(ctx, "sweep failed", "why", reason(err))
		}
	})
}

// forbidden reports whether the gateway has no order list for us.
func forbidden(err error) bool {
	api, ok := errors.AsType[*nopayn.APIError](err)
	return ok && (api.StatusCode == http.StatusForbidden || api.StatusCode == http.StatusNotFound)
}

// Sweep lists the gateway's orders if that is due, and makes those due that we do not know, or of which we missed the
// newest change: an order is found even if its webhooks were lost and nobody registered it. What it could not list is
// listed again by the next one.
func (p *Poller) Sweep(ctx context.Context) (err error) {
	defer p.rescue("", &err)
	sweep, ok, err := p.claimSweep(ctx)
	if err != nil || !ok {
		return err
	}
	found := 0
	for _, s := range stretches(sweep, p.config.SweepWindow) {
		n, listErr := p.sweepStretch(ctx, s, err == nil)
		found += n
		err = errors.Join(err, listErr)
		if _, unreadable := errors.AsType[*nopayn.ResponseError](listErr); listErr != nil && !unreadable {
			break
		}
	}
	if found > 0 {
		p.log.InfoContext(ctx, "sweep found orders to look at", "orders", found)
		p.Wake()
	}
	return err
}

func (p *Poller) claimSweep(ctx context.Context) (store.Sweep, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return p.store.ClaimSweep(ctx, p.config.SweepInterval, p.config.SweepWindow, sweepFurthest)
}

// stretch is a part of a sweep, listed by one call.
type stretch struct {
	since, until time.Time
	covered      time.Time // up to here the sweep is done with it
}

// stretches cuts a sweep into parts of about a window, oldest first: the gateway's list has no pages (CONTRACT 2.12).
// Without a window it is one part.
func stretches(sweep store.Sweep, window time.Duration) []stretch {
	var all []stretch
	since := sweep.Since
	for ; window > 0 && sweep.Until.Sub(since) > window+window/2; since = since.Add(window) {
		all = append(all, stretch{since, since.Add(window), since.Add(window)})
	}
	return append(all, stretch{since, sweep.Until.Add(sweepAhead), sweep.Until})
}

// halves parts a stretch whose list is too long for one answer. The first ends at the present at the latest: of what
// is beyond there is nothing to list.
func (s stretch) halves() (first, second stretch, ok bool) {
	length := s.covered.Sub(s.since)
	if length < sweepShortest {
		return s, s, false
	}
	middle := s.since.Add(length / 2)
	return stretch{s.since, middle, middle}, stretch{middle, s.until, s.covered}, true
}

// sweepStretch reads one stretch of the list and records it. Nothing is noted as covered after a stretch that was not:
// contiguous says whether all before it were. Entries without an id are passed over, since they never will have one;
// an answer that gives not a single order is an error. A list that is too long comes in halves.
func (p *Poller) sweepStretch(ctx context.Context, s stretch, contiguous bool) (int, error) {
	orders, err := p.gateway.Orders(ctx, s.since, s.until)
	if first, second, ok := s.halves(); ok && errors.Is(err, nopayn.ErrTooLong) {
		n, err := p.sweepStretch(ctx, first, contiguous)
		if err != nil {
			return n, err
		}
		more, err := p.sweepStretch(ctx, second, contiguous)
		return n + more, err
	}
	if err != nil && len(orders) == 0 {
		return 0, err
	}
	if err != nil {
		p.log.WarnContext(ctx, "the gateway's order list cannot be read in full", "why", reason(err))
	}
	listed := make([]store.Listed, 0, len(orders))
	for _, o := range orders {
		if nopayn.ValidID(o.ID) {
			listed = append(listed, store.Listed{OrderID: o.ID, Modified: o.Modified})
		}
	}
	covered := time.Time{}
	if contiguous {
		covered = s.covered
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return p.store.Swept(ctx, listed, covered)
}
