package poller

import (
	"context"
	"log/slog"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// report tells the log what changed; each line is for somebody who wants to know what happened to an order.
func (p *Poller) report(ctx context.Context, c store.Claim, o store.Outcome) {
	log := p.log.With("order_id", c.OrderID, "source", c.Cause, "state", string(o.To))
	for _, e := range o.Events {
		switch e {
		case store.EventChanged:
			log.InfoContext(ctx, "order changed")
		case store.EventMismatch:
			log.WarnContext(ctx, "order is not what the shop expects")
		case store.EventAnomaly:
			log.WarnContext(ctx, "order went back", "from", string(o.From))
		case store.EventStuck:
			log.WarnContext(ctx, "order is stuck")
		default:
			log.Log(ctx, level(o.To), "order is "+string(o.To), "from", string(o.From))
		}
	}
	if o.PaidTwice {
		log.WarnContext(ctx, "shop order was paid twice")
	}
	switch o.Verdict {
	case store.Dropped:
		p.log.InfoContext(ctx, "forgot an id that the gateway does not know", "order_id", c.OrderID)
	case store.Stale:
		log.InfoContext(ctx, "gateway answered from an old copy")
	}
}

// level makes a status that we do not know loud.
func level(s payment.State) slog.Level {
	if s == payment.Unknown {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
