package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// drainTime bounds the wait for what was accepted to become visible.
const drainTime = 2 * time.Minute

// wholeJob prints how many orders a second go all the way: webhook, commit, question to the gateway, order and event
// committed, read from the stream. The gateway's latencies take turns, so that a change of the machine's mood touches
// all of them.
func (b *bench) wholeJob(ctx context.Context, w io.Writer) error {
	defer b.stub.delay.Store(0)
	delays := []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond}
	rates := make([][]float64, len(delays))
	last := make([]job, len(delays))
	for round := range b.rounds {
		for i, delay := range delays {
			done, err := b.jobs(ctx, delay, fmt.Sprintf("job%d-%d", delay.Milliseconds(), round))
			if err != nil {
				return fmt.Errorf("gateway at %s: %w", delay, err)
			}
			rates[i] = append(rates[i], done.rate)
			done.load = done.load.atLeast(last[i].load)
			last[i] = done
		}
	}
	fmt.Fprintf(w, "whole job, %d connections, median of %d: webhook to verified and visible\n", b.connections, b.rounds)
	for i, delay := range delays {
		rate := median(rates[i])
		fmt.Fprintf(w, "  gateway at %3d ms %6.0f orders a second   %4.2f of that at 0 ms   %.0f\n    %s   %s\n",
			delay.Milliseconds(), rate, rate/median(rates[0]), rates[i], last[i].load, last[i].used)
	}
	return nil
}

// job is what a run of whole jobs came to.
type job struct {
	rate float64 // orders a second, from the first webhook to the last event
	used cores
	load weight // at the end of the webhooks
}

func (b *bench) jobs(ctx context.Context, delay time.Duration, run string) (done job, err error) {
	b.stub.delay.Store(int64(delay))
	c, err := b.startOurs(ctx, wideBudget(delay)...)
	if err != nil {
		return done, err
	}
	defer c.stop()
	following, stop := context.WithCancel(ctx)
	defer stop()
	var visible, last atomic.Int64
	ended, err := follow(following, c.url, func(int64, []byte) {
		visible.Add(1)
		last.Store(time.Now().UnixNano())
	})
	if err != nil {
		return done, err
	}
	before, err := b.usage(c)
	if err != nil {
		return done, err
	}
	start := time.Now()
	var accepted sent
	err = b.profileWhile(ctx, c, run, func() (err error) {
		accepted, err = load(ctx, c.url+"/webhooks/costplus", b.connections, b.duration, run)
		return err
	})
	if err != nil {
		return done, err
	}
	if done.load, err = c.weigh(ctx); err != nil {
		return done, err
	}
	if err := until(ctx, drainTime, func() bool { return visible.Load() >= int64(accepted.answered) }); err != nil {
		return done, fmt.Errorf("%d of %d orders are visible: %w", visible.Load(), accepted.answered, err)
	}
	after, err := b.usage(c)
	if err != nil {
		return done, err
	}
	done.used = after.since(before)
	done.rate = float64(visible.Load()) / time.Unix(0, last.Load()).Sub(start).Seconds()
	stop()
	return done, ended()
}
