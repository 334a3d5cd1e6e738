package store

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the store's own figures. Use NewMetrics.
type Metrics struct {
	hints   commitMetrics
	answers commitMetrics
}

// commitMetrics are the figures of one group commit.
type commitMetrics struct {
	size prometheus.Observer // entries that shared a commit
	took prometheus.Observer // seconds that it was under way
}

// NewMetrics registers the store's figures with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	sizes := prometheus.ExponentialBuckets(1, 2, 10)
	hints := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "webhookd_hint_batch_size", Help: "Webhooks that shared one commit.", Buckets: sizes,
	})
	answers := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "webhookd_apply_batch_size", Help: "Gateway answers that shared one commit.", Buckets: sizes,
	})
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "webhookd_commit_seconds",
		Help:    "Time of a commit shared by webhooks (hints) or by gateway answers (answers).",
		Buckets: prometheus.ExponentialBuckets(.0005, 2, 14),
	}, []string{"kind"})
	reg.MustRegister(hints, answers, took)
	return &Metrics{
		hints:   commitMetrics{hints, took.WithLabelValues("hints")},
		answers: commitMetrics{answers, took.WithLabelValues("answers")},
	}
}
