package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// ours is the service's name in the table.
const ours = "webhookd"

// intake prints how many webhooks a second each server answers. The servers take turns, so that a change of the
// machine's mood touches all of them. The service looks at the orders too, within the budget that it has by default.
func (b *bench) intake(ctx context.Context, w io.Writer) error {
	servers := []string{ours, rivalNone, rivalCommit}
	rates := map[string][]float64{}
	used := map[string]cores{}
	var commits share
	var load weight
	for round := range b.rounds {
		for _, name := range servers {
			run, err := b.once(ctx, name, round)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			rates[name] = append(rates[name], run.rate)
			used[name] = run.used
			commits = commits.plus(run.commits)
			load = load.atLeast(run.load)
		}
	}
	fmt.Fprintf(w, "webhooks a second, %d connections, median of %d\n", b.connections, b.rounds)
	mine := median(rates[ours])
	for _, name := range servers {
		rate := median(rates[name])
		fmt.Fprintf(w, "  %-9s %8.0f   webhookd is %5.2f of it   %.0f   %s\n", name, rate, mine/rate, rates[name], used[name])
	}
	fmt.Fprintf(w, "  group commit: %.1f webhooks a commit, a commit under way %.0f %% of the time; %s\n",
		commits.batch(), 100*commits.busy(), load)
	return nil
}

// intakeRun is what one server came to.
type intakeRun struct {
	rate    float64
	used    cores
	commits share  // of the service alone, like the next
	load    weight // at the end
}

// once measures one server, started for it.
func (b *bench) once(ctx context.Context, name string, round int) (run intakeRun, err error) {
	start := func(ctx context.Context) (*child, error) { return b.startOurs(ctx) }
	if name != ours {
		start = func(ctx context.Context) (*child, error) { return b.startRival(ctx, name) }
	}
	c, err := start(ctx)
	if err != nil {
		return run, err
	}
	defer c.stop()
	before, err := b.usage(c)
	if err != nil {
		return run, err
	}
	begin := time.Now()
	label := fmt.Sprintf("%s-%d", name, round)
	var answered sent
	send := func() (err error) {
		answered, err = load(ctx, c.url+"/webhooks/costplus", b.connections, b.duration, label)
		return err
	}
	if name == ours {
		err = b.profileWhile(ctx, c, label, send)
	} else {
		err = send()
	}
	if err != nil {
		return run, err
	}
	after, err := b.usage(c)
	if err != nil {
		return run, err
	}
	run.rate, run.used = answered.rate(), after.since(before)
	if name != ours {
		return run, nil
	}
	if run.load, err = c.weigh(ctx); err != nil {
		return run, err
	}
	run.commits, err = readShare(ctx, c.admin+"/metrics", time.Since(begin))
	return run, err
}
