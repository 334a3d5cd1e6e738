// Package week runs a week of a large shop in fast motion, and measures what the service costs in each hour of it.
//
// Real are the store and its Postgres, the poller with all its loops, the gateway's budget and breaker, and the intake
// of webhooks: the code of the service, unchanged, and its default settings but for those named below. Played are the shop and the gateway (both
// in this process, so HTTP is not part of it) and the time. The process lives in a testing/synctest bubble, in which
// time stands still while anything is under way, a statement of the database included, and then leaps to the next
// moment at which something is to happen; the database reads that clock too (see giveClock). What a moment costs is
// counted by Postgres itself, in its own, true time.
//
// To get through a million orders in minutes, what happens at the gateway happens in bunches: all changes of a minute
// come at once, and with them their webhooks. Of these more are looked at at once than the service would by default, or
// the bunch would wait for itself; the rate that it allows itself holds over the minute.
package week

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/gateway"
	"webhookd/internal/payment"
	"webhookd/internal/poller"
	"webhookd/internal/store"
)

// Stretch is a part of the week, counted from its beginning.
type Stretch struct {
	From, Until time.Duration
}

func (s Stretch) holds(d time.Duration) bool { return d >= s.From && d < s.Until }

// Options say what is played.
type Options struct {
	Orders  int
	Span    time.Duration   // in which orders are made
	Rest    time.Duration   // in which none are made, so that all comes to rest
	Calm    time.Duration   // at the end of Rest, in which nothing changes at the gateway
	Haste   int             // what takes hours or days is sooner by this factor
	Bunch   time.Duration   // what happens within as much happens at once; a part of an hour
	Tick    time.Duration   // of the poller, which would be a second
	Gauge   int             // one in so many countings of the backlog is carried out
	Recheck []time.Duration // of paid orders
	Outage  Stretch         // the gateway's API answers 503
	Flood   Stretch         // forged webhooks arrive
	Forged  int             // how many
	Flash   Stretch         // a sale: FlashBy times the orders
	FlashBy float64

	Progress io.Writer `json:"-"` // hears of each day
}

const day = 24 * time.Hour

// Week is the whole week, from Monday on, and a day of rest.
func Week(orders int) Options {
	return Options{
		Orders: orders, Span: 7 * day, Rest: day + time.Hour, Calm: 7 * time.Hour, Haste: 1,
		Bunch: time.Minute, Tick: 20 * time.Second, Gauge: 60, Recheck: []time.Duration{day, 7 * day, 30 * day},
		Outage: Stretch{3*day + 14*time.Hour, 3*day + 16*time.Hour}, // Thursday afternoon
		Flood:  Stretch{2*day + 3*time.Hour, 2*day + 4*time.Hour},   // Wednesday night
		Forged: orders / 50,
		Flash:  Stretch{4*day + 20*time.Hour, 4*day + 21*time.Hour}, FlashBy: 4, // Friday evening
		Progress: io.Discard,
	}
}

// Short is the same within some hours: what takes days comes sooner.
func Short(orders int) Options {
	return Options{
		Orders: orders, Span: 5 * time.Hour, Rest: 5 * time.Hour, Calm: 3 * time.Hour, Haste: 24,
		Bunch: time.Minute, Tick: 10 * time.Second, Gauge: 12, Recheck: []time.Duration{2 * time.Hour, 7 * day},
		Outage: Stretch{3 * time.Hour, 3*time.Hour + 20*time.Minute},
		Flood:  Stretch{time.Hour, 2 * time.Hour}, Forged: orders / 20,
		Flash: Stretch{4 * time.Hour, 5 * time.Hour}, FlashBy: 4,
		Progress: io.Discard,
	}
}

// end is when all is over.
func (o Options) end() time.Duration { return o.Span + o.Rest }

// The service's defaults (DESIGN 8), save for the looks at a time: a bunch is all that comes within its length.
const (
	concurrency   = 512
	rps           = 50
	timeout       = 10 * time.Second
	lease         = timeout + 10*time.Second
	connections   = 8
	sweepInterval = 10 * time.Minute
	sweepWindow   = 2 * time.Hour
)

func rules(o Options) store.Rules {
	return store.Rules{
		Schedule: payment.Schedule{
			MinAge: 10 * time.Minute, MinInterval: time.Minute, MaxInterval: 6 * time.Hour, GiveUp: 14 * day,
			Recheck: o.Recheck,
		},
		Lease: lease,
	}
}

// Run plays it all on a database that Prepare has made. It is to be called in a bubble of testing/synctest, and takes
// it over: when it returns nothing of it is left.
func Run(ctx context.Context, o Options, db Database) (result *Result, err error) {
	if err := sleep(ctx, time.Until(monday)); err != nil {
		return nil, err
	}
	pool, err := openPool(ctx, db.URL)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	meter, err := newMeter(ctx, db, pool)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, meter.close(context.WithoutCancel(ctx))) }()
	return play(ctx, o, pool, meter)
}

func play(ctx context.Context, o Options, pool *pgxpool.Pool, m *meter) (*Result, error) {
	log := &logBook{lines: map[string]int{}}
	reg := prometheus.NewRegistry()
	s := store.New(pool, rules(o), slog.New(log), store.NewMetrics(reg))
	defer s.Close()
	w := newWorld(o)
	// The rate is kept by the allowance, since a bunch is more than the service would ever send at once.
	const unbounded = 100 * rps
	g := gateway.New(w, gateway.Config{RPS: unbounded, Concurrency: concurrency, Timeout: timeout}, slog.New(log), reg)
	p := poller.New(&recorder{Store: s, world: w, gauge: o.Gauge}, &allowance{Gateway: g, length: o.Bunch, world: w}, poller.Config{
		Concurrency: concurrency, Lease: lease, Tick: o.Tick, SweepInterval: sweepInterval, SweepWindow: sweepWindow,
	}, slog.New(log), reg)
	polling, stop := context.WithCancel(ctx)
	defer stop()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		p.Run(polling)
	}()
	d := &driver{world: w, store: s, intake: s.NewIntake(p), meter: m, progress: o.Progress}
	hours, err := d.drive(ctx)
	stop()
	<-stopped
	if err != nil {
		return nil, err
	}
	verdict, err := judge(ctx, pool, w)
	if err != nil {
		return nil, fmt.Errorf("judge the end: %w", err)
	}
	statements, err := m.statements(ctx)
	if err != nil {
		return nil, err
	}
	return &Result{Options: o, Hours: hours, Verdict: verdict, Log: log.lines, Statements: statements}, nil
}

// sleep lets d pass, in the bubble's time.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
