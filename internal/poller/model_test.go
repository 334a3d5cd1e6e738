package poller_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// TestModel plays random schedules to two pollers with their real loops and the real budget of calls, on one store and
// one gateway in memory. A schedule and what the gateway answers are drawn before it is played; a failure names the seed.
// A longer run, with as many schedules on each of three streams: go test -timeout=3h -run='^TestModel$' ./internal/poller
// -args -rapid.checks=100000
func TestModel(t *testing.T) {
	t.Parallel()
	for stream := range 3 { // of rapid's 100 each
		t.Run(fmt.Sprint(stream), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				s := drawSchedule(r)
				var faults []string
				synctest.Test(t, func(t *testing.T) { faults = play(t.Context(), s) })
				if len(faults) > 0 {
					r.Fatalf("%s", strings.Join(faults, "\n"))
				}
			})
		})
	}
}

// modelSchedule is what happens, and how the gateway takes the calls.
type modelSchedule struct {
	steps   []modelStep
	replies []reply
	sweeps  bool
	patient bool // a call may take longer than a lease, which must end it
}

// modelStep is one thing that happens, and how much time passes after it.
type modelStep struct {
	deed    string
	id      string
	replica int
	status  nopayn.Status
	then    time.Duration
}

const modelReplicas = 2

func drawSchedule(r *rapid.T) modelSchedule {
	deeds := []string{
		"change", "change", "change", "hint", "hint", "hint", "register", "refresh", "refresh", "forge", "",
		"away", "unsure", "hangs", "well", "well", "crash", "stop", "start", "start",
	}
	statuses := []nopayn.Status{
		nopayn.StatusNew, nopayn.StatusProcessing, nopayn.StatusCompleted, nopayn.StatusCancelled, nopayn.StatusError,
	}
	waits := []time.Duration{0, 0, time.Millisecond, 30 * time.Millisecond, time.Second, 6 * time.Second, 40 * time.Second}
	kinds := []string{
		"answer", "answer", "answer", "answer", "answer", "answer", "silence", "cut", "unreadable", "slow down",
		"go away", "unauthorized", "broken",
	}
	delays := []time.Duration{
		0, 20 * time.Millisecond, 300 * time.Millisecond, 2 * time.Second, 7 * time.Second, 2 * modelLease,
	}
	step := rapid.Custom(func(r *rapid.T) modelStep {
		return modelStep{
			deed:    rapid.SampledFrom(deeds).Draw(r, "deed"),
			id:      fmt.Sprintf("order-%d", rapid.IntRange(1, 6).Draw(r, "order")),
			replica: rapid.IntRange(0, modelReplicas-1).Draw(r, "replica"),
			status:  rapid.SampledFrom(statuses).Draw(r, "status"),
			then:    rapid.SampledFrom(waits).Draw(r, "then"),
		}
	})
	answer := rapid.Custom(func(r *rapid.T) reply {
		return reply{
			kind:  rapid.SampledFrom(kinds).Draw(r, "kind"),
			delay: rapid.SampledFrom(delays).Draw(r, "delay"),
			late:  rapid.Bool().Draw(r, "late"),
		}
	})
	return modelSchedule{
		steps:   rapid.SliceOfN(step, 1, 40).Draw(r, "steps"),
		replies: rapid.SliceOfN(answer, 0, 12).Draw(r, "replies"),
		sweeps:  rapid.Bool().Draw(r, "sweeps"),
		patient: rapid.IntRange(0, 3).Draw(r, "patient") == 0,
	}
}

// modelWorld is a schedule under way.
type modelWorld struct {
	ctx      context.Context
	schedule modelSchedule
	store    *modelStore
	gateway  *modelGateway
	replicas [modelReplicas]*modelReplica // nil: stopped
	all      sync.WaitGroup               // whatever runs on beside the steps
	unheard  []string                     // webhooks that were not taken: the gateway sends them again

	mu     sync.Mutex
	faults []string
}

type modelReplica struct {
	*poller.Poller
	session *session
	line    *line
	cancel  context.CancelFunc
	ended   chan struct{}
}

// play returns what was wrong.
func play(ctx context.Context, s modelSchedule) []string {
	w := &modelWorld{ctx: ctx, schedule: s, store: newModelStore()}
	w.gateway = &modelGateway{
		fault: w.fault, orders: map[string]*nopayn.Order{}, replies: s.replies, asking: map[string][]*session{},
	}
	for i := range w.replicas {
		w.start(i)
	}
	for _, step := range s.steps {
		w.do(step)
		pass(step.then)
	}
	w.settle()
	w.judge()
	for i := range w.replicas {
		w.stop(i)
	}
	w.all.Wait()
	return w.faults
}

func (w *modelWorld) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *modelWorld) do(s modelStep) {
	switch s.deed {
	case "change":
		w.gateway.change(s.id, s.status)
		w.hint(s.replica, s.id)
	case "hint":
		w.hint(s.replica, s.id)
	case "forge":
		w.hint(s.replica, "forged-"+s.id)
	case "register":
		w.register(s)
	case "refresh":
		w.refresh(s)
	case "away":
		w.store.fails(away)
	case "unsure":
		w.store.fails(unsure)
	case "hangs":
		w.store.fails(hangs)
	case "well":
		w.store.fails(well)
	case "crash":
		w.crash(s.replica)
	case "stop":
		w.stop(s.replica)
	case "start":
		w.start(s.replica)
	}
}

func (w *modelWorld) start(i int) {
	if w.replicas[i] != nil {
		return
	}
	log, reg := slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry()
	r := &modelReplica{
		session: &session{modelStore: w.store, fault: w.fault, claims: map[string]*modelClaim{}},
		ended:   make(chan struct{}),
	}
	r.line = &line{modelGateway: w.gateway, session: r.session}
	c := poller.Config{Concurrency: modelConcurrency, Lease: modelLease}
	if w.schedule.sweeps {
		c.SweepInterval, c.SweepWindow = time.Minute, time.Hour
	}
	budget := gateway.Config{RPS: modelRPS, Concurrency: modelConcurrency, Timeout: 5 * time.Second}
	if w.schedule.patient {
		budget.Timeout = 3 * modelLease
	}
	r.Poller = poller.New(r.session, gateway.New(r.line, budget, log, reg), c, log, reg)
	ctx, cancel := context.WithCancel(w.ctx)
	r.cancel = cancel
	w.all.Go(func() {
		defer close(r.ended)
		r.Run(ctx)
	})
	w.replicas[i] = r
}

// stop holds a stop to what it owes: it comes in time, with nothing in hand and no answer thrown away.
func (w *modelWorld) stop(i int) {
	r := w.replicas[i]
	if r == nil {
		return
	}
	w.replicas[i] = nil
	r.cancel()
	select {
	case <-r.ended:
	case <-time.After(modelLease + 30*time.Second):
		w.fault("the stop does not come to its end")
		return
	}
	if n := r.line.closes(); n > 0 {
		w.fault("the stop left %d calls under way", n)
	}
	if ids := r.session.unkept(); len(ids) > 0 {
		w.fault("the stop threw away what came of %q", ids)
	}
	if n, _ := r.Reserve(1); n > 0 {
		w.fault("there is room after the stop")
	}
}

// crash cuts a replica off: nothing that it does counts any more. Another one may be started at once.
func (w *modelWorld) crash(i int) {
	r := w.replicas[i]
	if r == nil {
		return
	}
	w.replicas[i] = nil
	r.session.crash()
	r.cancel()
}

// hint is a webhook, as package store takes it: recorded, and claimed where there is room.
func (w *modelWorld) hint(i int, id string) {
	r := w.replicas[i]
	if r == nil {
		w.unheard = append(w.unheard, id)
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, 3*time.Second)
	defer cancel()
	room, heard := r.Reserve(1)
	var all []modelClaim
	err := r.session.do(ctx, func() { all = w.store.hint(id, room, heard) })
	if err != nil {
		all = nil
		w.unheard = append(w.unheard, id)
	}
	r.Start(r.session.handed(all), room-len(all))
	if err == nil && len(all) == 0 {
		r.Wake()
	}
}

func (w *modelWorld) register(s modelStep) {
	if r := w.replicas[s.replica]; r != nil {
		ctx, cancel := context.WithTimeout(w.ctx, 3*time.Second)
		defer cancel()
		if r.session.do(ctx, func() { w.store.register(s.id) }) == nil {
			r.Wake()
		}
	}
}

// refresh is somebody who wants to see an order and does not wait for ever.
func (w *modelWorld) refresh(s modelStep) {
	r := w.replicas[s.replica]
	if r == nil {
		return
	}
	w.all.Go(func() {
		ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
		defer cancel()
		start := time.Now()
		err := r.Refresh(ctx, s.id, time.Second)
		_, failed := errors.AsType[*store.LookError](err)
		switch took := time.Since(start); {
		case took > 11*time.Second:
			w.fault("a refresh took %s", took)
		case err == nil && !w.store.freshSince(s.id, start.Add(-modelLease)):
			w.fault("a refresh of %s succeeded, and no answer is stored", s.id)
		case err != nil && !failed && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, errModelStore):
			w.fault("a refresh ended with %v", err)
		}
	})
}

// settle lifts all faults, has the gateway send again what nobody took, and lets time pass.
func (w *modelWorld) settle() {
	w.store.fails(well)
	w.gateway.recovers()
	for i := range w.replicas {
		w.start(i)
	}
	pass(modelLease + time.Minute) // calls that began before see the faults still
	for _, id := range w.unheard {
		w.hint(0, id)
	}
	pass(6 * time.Minute)
}

// judge compares the store with the gateway when all has settled.
func (w *modelWorld) judge() {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	for id, k := range w.store.checks {
		at := w.gateway.order(id)
		switch {
		case k.isDue() && time.Since(k.due) > 2*time.Second:
			w.fault("%s is due since %s, and nobody looks", id, time.Since(k.due))
		case at == nil && !k.registered:
			w.fault("%s is not forgotten after %d misses", id, k.misses)
		case at != nil && (k.doc == nil || k.doc.Status != at.Status):
			w.fault("%s is %q at the gateway, and stored is %+v", id, at.Status, k.doc)
		case at != nil && k.checkedAt.Before(k.hintedAt):
			w.fault("%s was named by a webhook %s after it was last asked for", id, k.hintedAt.Sub(k.checkedAt))
		}
	}
	for id, o := range w.gateway.orders {
		if w.store.checks[id] == nil {
			w.fault("%s is %q at the gateway, and not stored", id, o.Status)
		}
	}
}

// freshSince reports whether an answer is stored that was asked for since then.
func (m *modelStore) freshSince(id string, then time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.checks[id]
	return k != nil && k.doc != nil && !k.checkedAt.Before(then)
}
