package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// latency prints how long after its webhook was due an order is visible in the stream, at rates that leave room.
func (b *bench) latency(ctx context.Context, w io.Writer) error {
	defer b.stub.delay.Store(0)
	fmt.Fprintln(w, "webhook to visible, open loop")
	for _, delay := range []time.Duration{0, 50 * time.Millisecond} {
		for _, rate := range []int{100, 1000} {
			l, err := b.lag(ctx, delay, rate, fmt.Sprintf("lag%d-%d", delay.Milliseconds(), rate))
			if err != nil {
				return fmt.Errorf("%d a second: %w", rate, err)
			}
			q := l.took.quantiles(0.5, 0.99, 1)
			fmt.Fprintf(w, "  gateway at %2d ms, %4d a second   p50 %6.1f ms   p99 %6.1f ms   max %6.1f ms   %s\n",
				delay.Milliseconds(), rate, milliseconds(q[0]), milliseconds(q[1]), milliseconds(q[2]), l.load)
		}
	}
	return nil
}

// lag is what a run came to.
type lag struct {
	took times
	load weight
}

// lag measures one rate.
func (b *bench) lag(ctx context.Context, delay time.Duration, rate int, run string) (*lag, error) {
	b.stub.delay.Store(int64(delay))
	c, err := b.startOurs(ctx, wideBudget(delay)...)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	following, stop := context.WithCancel(ctx)
	defer stop()
	l := &lag{}
	ended, err := follow(following, c.url, func(_ int64, id []byte) {
		if due, ok := stamp(id); ok {
			l.took.add(time.Since(due))
		}
	})
	if err != nil {
		return nil, err
	}
	var sent int
	err = b.profileWhile(ctx, c, run, func() (err error) {
		sent, err = sendAt(ctx, c.url+"/webhooks/costplus", rate, b.duration, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	if l.load, err = c.weigh(ctx); err != nil {
		return nil, err
	}
	if err := until(ctx, drainTime, func() bool { return l.took.count() >= sent }); err != nil {
		return nil, fmt.Errorf("%d of %d orders are visible: %w", l.took.count(), sent, err)
	}
	stop()
	return l, ended()
}
