package poller

import (
	"context"
	"time"
)

// pruneInterval is how often old rows are looked for.
const pruneInterval = time.Minute

// pruner deletes a batch of what is older than keep, and says how much that was and whether there may be more.
type pruner func(ctx context.Context, keep time.Duration) (done int, more bool, err error)

// prune deletes what is older than its retention, in small batches.
func (p *Poller) prune(ctx context.Context) {
	p.pruneKind(ctx, "events", p.config.RetentionEvents, p.store.PruneEvents)
	p.pruneKind(ctx, "orders", p.config.RetentionOrders, p.store.PruneOrders)
}

func (p *Poller) pruneKind(ctx context.Context, kind string, keep time.Duration, batch pruner) {
	if keep <= 0 {
		return
	}
	total := 0
	for more := true; more && ctx.Err() == nil; {
		var n int
		var err error
		n, more, err = bounded(batch)(ctx, keep)
		if err != nil {
			if ctx.Err() == nil {
				p.log.WarnContext(ctx, "cannot prune", "kind", kind, "err", err)
			}
			break
		}
		total += n
	}
	if total > 0 {
		p.log.InfoContext(ctx, "pruned", "kind", kind, "rows", total)
	}
}

// bounded gives each batch a deadline of its own.
func bounded(batch pruner) pruner {
	return func(ctx context.Context, keep time.Duration) (int, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		return batch(ctx, keep)
	}
}
