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

// claims prints what a claim costs as orders pile up, of which always as many are unsettled.
func (b *bench) claims(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "claims of %d, with %d unsettled orders that are due\n", claimBatch, unsettled)
	sizes := []int{unsettled, 1_000_000}
	if b.large {
		sizes = append(sizes, 10_000_000)
	}
	var base time.Duration
	for _, size := range sizes {
		took, filled, err := b.claim(ctx, size)
		if err != nil {
			return fmt.Errorf("%d orders: %w", size, err)
		}
		q := took.quantiles(0.5, 0.99)
		if base == 0 {
			base = q[0]
		}
		fmt.Fprintf(w, "  %9d orders   p50 %5.2f ms   p99 %5.2f ms   %4.2f of the smallest   filled in %.0f s\n",
			size, milliseconds(q[0]), milliseconds(q[1]), float64(q[0])/float64(base), filled.Seconds())
	}
	return nil
}

// claim measures on a database of its own.
func (b *bench) claim(ctx context.Context, size int) (took *times, filled time.Duration, err error) {
	own, drop, err := b.on(ctx, fmt.Sprintf("claims_%d", size))
	if err != nil {
		return nil, 0, err
	}
	defer drop()
	start := time.Now()
	if err := fillChecks(ctx, own.url(), size, unsettled); err != nil {
		return nil, 0, err
	}
	filled = time.Since(start)
	took, err = timeClaims(ctx, own.url())
	return took, filled, err
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
