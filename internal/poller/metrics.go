package poller

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/payment"
	"webhookd/internal/store"
)

// gaugeInterval is how often the backlog is counted.
const gaugeInterval = 5 * time.Second

// Results of checks_total beside the store's verdicts.
const (
	resultUnsent   = "unsent"   // the gateway was not asked, or not for all; the order stays due
	resultUnstored = "unstored" // the answer could not be stored; the order stays due
)

type metrics struct {
	checks    *prometheus.CounterVec
	changes   *prometheus.CounterVec
	missed    prometheus.Counter
	delay     *prometheus.HistogramVec
	anomalies *prometheus.CounterVec
	due       prometheus.Gauge
	oldest    prometheus.Gauge
	stuck     prometheus.Gauge
	head      prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		checks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "webhookd_checks_total", Help: "Looks at orders, by what caused them and what came of them.",
		}, []string{"source", "result"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "webhookd_state_changes_total", Help: "Changes of an order's state, by the new state.",
		}, []string{"state", "source"}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "webhookd_changes_missed_by_webhook_total",
			Help: "Changes of state that polling or the sweep found before any webhook told of them.",
		}),
		delay: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "webhookd_change_delay_seconds",
			Help:    "From the gateway's change of an order to our commit of it, by both clocks.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400},
		}, []string{"source"}),
		anomalies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "webhookd_anomalies_total", Help: "Orders that somebody should look at, by what is odd about them.",
		}, []string{"kind"}),
		due: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_checks_due", Help: "Looks that are due and not under way.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_oldest_due_seconds", Help: "How long the oldest of them has been due.",
		}),
		stuck: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_orders_stuck", Help: "Orders unsettled for longer than POLL_GIVE_UP.",
		}),
		head: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_feed_head", Help: "Newest position of the feed.",
		}),
	}
	reg.MustRegister(m.checks, m.changes, m.missed, m.delay, m.anomalies, m.due, m.oldest, m.stuck, m.head)
	return m
}

// applied counts what one look did.
func (m *metrics) applied(c store.Claim, o store.Outcome) {
	m.checks.WithLabelValues(c.Cause, string(o.Verdict)).Inc()
	for _, e := range o.Events {
		switch e {
		case store.EventAnomaly:
			m.anomalies.WithLabelValues("went_back").Inc()
		case store.EventMismatch:
			m.anomalies.WithLabelValues("mismatch").Inc()
		case store.EventStuck:
			m.anomalies.WithLabelValues("stuck").Inc()
		}
	}
	if o.PaidTwice {
		m.anomalies.WithLabelValues("paid_twice").Inc()
	}
	if o.Verdict != store.Changed {
		return
	}
	if o.Delay > 0 {
		m.delay.WithLabelValues(c.Cause).Observe(o.Delay.Seconds())
	}
	if o.From == o.To {
		return
	}
	m.changes.WithLabelValues(string(o.To), c.Cause).Inc()
	if missed(c, o) {
		m.missed.Inc()
	}
	if o.To == payment.Unknown {
		m.anomalies.WithLabelValues("unknown_status").Inc()
	}
}

// missed reports whether a webhook should have told of a change of state. There is none for the making of an order
// (CONTRACT 4.1), so that the first sight of a pending one is no miss.
func missed(c store.Claim, o store.Outcome) bool {
	made := o.To == payment.Pending && (o.From == "" || o.From == payment.Unverified)
	return (c.Cause == "poll" || c.Cause == "sweep") && !made
}

// measure brings the gauges up to date.
func (p *Poller) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, gaugeInterval)
	defer cancel()
	b, err := p.store.Backlog(ctx)
	if err != nil {
		if !errors.Is(err, context.Canceled) && !p.blind.Load() {
			p.log.WarnContext(ctx, "cannot count the backlog", "err", err)
		}
		return
	}
	p.metrics.due.Set(float64(b.Due))
	p.metrics.oldest.Set(b.OldestDue.Seconds())
	p.metrics.stuck.Set(float64(b.Stuck))
	p.metrics.head.Set(float64(b.Head))
}
