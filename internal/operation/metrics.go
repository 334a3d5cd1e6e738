package operation

import (
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/store"
)

type metrics struct {
	operations *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{operations: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "webhookd_operations_total",
		Help: "Refunds, captures, voids and creates, by outcome: done, refused, not_sent, unknown, or found later.",
	}, []string{"kind", "outcome"})}
	if reg != nil {
		reg.MustRegister(m.operations)
	}
	return m
}

func (m *metrics) count(kind store.OperationKind, outcome string) {
	m.operations.WithLabelValues(string(kind), outcome).Inc()
}
