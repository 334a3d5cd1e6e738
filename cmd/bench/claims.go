package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/store"
)

const (
	unsettled  = 10_000 // orders that are looked at
	claimBatch = 64
	claimRound = 100 // claims measured
)

// pile is a number of orders to claim from.
type pile struct {
	orders int
	spread bool // the unsettled ones are scattered among all; otherwise they are the newest, as they mostly are
}

func (p pile) String() string {
	if p.spread {
		return fmt.Sprintf("%d orders, scattered", p.orders)
	}
	return fmt.Sprintf("%d orders", p.orders)
}

// claims prints what a claim costs as orders pile up, of which always as many are unsettled.
func (b *bench) claims(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "claims of %d, with %d unsettled orders that are due\n", claimBatch, unsettled)
	piles := []pile{{orders: unsettled}, {orders: 1_000_000}, {orders: 1_000_000, spread: true}}
	if b.large {
		piles = append(piles, pile{orders: 10_000_000})
	}
	var base claimed
	for i, p := range piles {
		c, err := b.claim(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if i == 0 {
			base = c
		}
		fmt.Fprintf(w, "  %-26s first %s   again %s   filled in %.0f s\n",
			p, against(c.first, base.first), against(c.again, base.again), c.filled.Seconds())
	}
	return nil
}

// against writes claim times, and their median beside that of the smallest pile.
func against(took, base *times) string {
	q, least := took.quantiles(0.5, 0.99), base.quantiles(0.5)
	return fmt.Sprintf("p50 %5.2f ms p99 %6.2f ms, %4.2f of the smallest",
		milliseconds(q[0]), milliseconds(q[1]), float64(q[0])/float64(least[0]))
}

// claimed is what claims from a pile took.
type claimed struct {
	filled time.Duration // to make the pile
	first  *times        // of orders whose pages nobody has touched since a checkpoint, and no cache of Postgres holds
	again  *times        // of the same orders, as the schedule looks at them over and over
}

// claim measures on a database of its own.
func (b *bench) claim(ctx context.Context, p pile) (c claimed, err error) {
	own, drop, err := b.on(ctx, "claims_of_pile")
	if err != nil {
		return c, err
	}
	defer drop()
	start := time.Now()
	if err := fillChecks(ctx, own.url(), p.orders, unsettled, p.spread); err != nil {
		return c, err
	}
	c.filled = time.Since(start)
	if c.first, err = timeClaims(ctx, own.url()); err != nil {
		return c, err
	}
	if err := execAll(ctx, own.url(), `
		update checks set lease = null, due_at = now() - interval '2 hours' where lease is not null`); err != nil {
		return c, err
	}
	c.again, err = timeClaims(ctx, own.url())
	return c, err
}

// timeClaims times claimRound claims, one after the other.
func timeClaims(ctx context.Context, url string) (*times, error) {
	pool, err := store.Open(ctx, url, 1)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	st := store.New(pool, store.Rules{Lease: time.Hour}, slog.New(slog.DiscardHandler),
		store.NewMetrics(prometheus.NewRegistry()))
	defer st.Close()
	took := &times{}
	for range claimRound {
		start := time.Now()
		got, err := st.ClaimDue(ctx, claimBatch)
		if err != nil {
			return nil, err
		}
		if len(got) != claimBatch {
			return nil, fmt.Errorf("%d orders were claimed", len(got))
		}
		took.add(time.Since(start))
	}
	return took, nil
}
