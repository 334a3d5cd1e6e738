package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Config says how a round is run.
type Config struct {
	Binary string        // of the service
	Seed   uint64        // decides what is done
	Load   time.Duration // how long there are customers and faults
	Only   []string      // the faults, by name; empty draws some
	Faults []Fault       // to draw from; all when empty
}

// Report is what came of a round.
type Report struct {
	Seed     uint64
	Faults   []string
	Injected map[string]int // by fault: how often it happened
	Counts   map[string]int // what the load did
	Findings []Finding
	Settled  time.Duration // from the end of the faults until nothing was left to do
	PeakMB   int           // most memory that a process of the service has had resident; 0 where it is not told
}

// Run runs one round. An error is one of the harness or of the machine; what the service did wrong is a finding.
func Run(ctx context.Context, c Config) (Report, error) {
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	all := c.Faults
	if len(all) == 0 {
		all = Faults()
	}
	faults := draw(rng, all, c.Only, int(c.Seed%uint64(len(all))))
	report := Report{Seed: c.Seed}
	setup := newSetup()
	setup.Replicas = 1 + rng.IntN(3)
	setup.Gateway.Seed = c.Seed + 1 // 0 is a random one
	for _, f := range faults {
		report.Faults = append(report.Faults, f.Name)
		if f.Prepare != nil {
			f.Prepare(setup, rng)
		}
	}
	w, err := newWorld(ctx, c.Binary, setup)
	defer w.close()
	if err != nil {
		return report, fmt.Errorf("make a world: %w", err)
	}
	return w.run(ctx, c, faults, report)
}

func (w *World) run(ctx context.Context, c Config, faults []Fault, report Report) (Report, error) {
	consuming, stopConsuming := context.WithCancel(ctx)
	defer stopConsuming()
	consumed := w.consume(consuming, c.Seed)

	loading, stopLoad := context.WithTimeout(ctx, c.Load)
	defer stopLoad()
	var load sync.WaitGroup
	load.Go(func() { w.load(loading, c.Seed) })
	broken := w.inject(loading, c.Seed, faults)
	load.Wait()

	if broken != nil {
		return report, broken
	}
	began := time.Now()
	found, e, err := w.settle(ctx)
	report.Settled = time.Since(began)
	stopConsuming()
	consumed()
	if err != nil {
		return report, err
	}
	report.Findings = append(found, w.farewell(len(e.Ledger.Findings))...)
	report.Injected, report.Counts = w.injected, w.figures(e)
	report.PeakMB = w.peak()
	return report, nil
}

// inject has the faults happen until ctx ends, and returns when all are over.
func (w *World) inject(ctx context.Context, seed uint64, faults []Fault) error {
	errs := make(chan error, len(faults))
	for i, f := range faults {
		go func() {
			if f.Inject == nil {
				w.Injected(f.Name, 1)
				errs <- nil
				return
			}
			if err := f.Inject(ctx, w, course(seed, f.Name, i)); err != nil {
				errs <- fmt.Errorf("fault %s: %w", f.Name, err)
				return
			}
			errs <- nil
		}()
	}
	var all []error
	for range faults {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// farewell ends the replicas as a deploy does, and returns what is found by that, and since so many were found.
func (w *World) farewell(before int) []Finding {
	for _, r := range w.Replicas {
		r.Stop()
	}
	return w.Ledger.copied().Findings[before:]
}

// peak is the most memory that a process has had.
func (w *World) peak() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	most := 0
	for _, p := range w.processes {
		most = max(most, int(p.peakMB.Load()))
	}
	return most
}

// figures are what the round was about.
func (w *World) figures(e *Evidence) map[string]int {
	counts := e.Ledger.Counts
	counts["gateway orders"] = len(e.Gateway)
	counts["gateway calls"] = len(e.Calls)
	counts["gateway webhooks"] = len(w.Gateway.Deliveries(""))
	counts["forged ids stored"], counts["forged ids waiting"] = e.forgery()
	counts["events"] = len(e.Database.Events)
	counts["processes"] = len(w.processes)
	for _, p := range w.processes {
		_, errs := p.log.found()
		for message, n := range errs {
			counts["logged "+strconv.Quote(message)] += n
		}
	}
	for _, r := range e.Ledger.Readings {
		counts["consumer resets"] += r.Resets
	}
	return counts
}
