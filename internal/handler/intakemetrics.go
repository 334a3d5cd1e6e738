package handler

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// intakeMetrics count what became of webhooks (DESIGN 9). A request that is no POST is none.
type intakeMetrics struct {
	accepted, invalid, tooLarge, wrongToken, limited, unavailable prometheus.Counter

	ack prometheus.Observer
}

func newIntakeMetrics(reg prometheus.Registerer) intakeMetrics {
	webhooks := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "webhookd_webhooks_total", Help: "Webhooks, by what became of them.",
	}, []string{"result"})
	return intakeMetrics{
		accepted:    webhooks.WithLabelValues("accepted"),
		invalid:     webhooks.WithLabelValues("invalid"),
		tooLarge:    webhooks.WithLabelValues("too_large"),
		wrongToken:  webhooks.WithLabelValues("wrong_token"),
		limited:     webhooks.WithLabelValues("limited"),
		unavailable: webhooks.WithLabelValues("unavailable"),
		ack: promauto.With(reg).NewHistogram(prometheus.HistogramOpts{
			Name: "webhookd_webhook_ack_seconds",
			Help: "From a valid webhook's request to the answer that it is stored, or that it cannot be.",
			// The gateway gives up after 4 s (CONTRACT 4.2).
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 4},
		}),
	}
}
