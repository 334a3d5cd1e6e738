package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/nopayn"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "webhookd_gateway_requests_total",
			Help: "Calls to the gateway, by operation and HTTP status (or timeout, network, unreadable, given_up, failed).",
		}, []string{"operation", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "webhookd_gateway_request_seconds", Help: "Time of a call to the gateway.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "webhookd_gateway_breaker_open", Help: "1 while only probes are sent to the gateway.",
		}),
	}
	reg.MustRegister(m.requests, m.seconds, m.open)
	return m
}

func (m *metrics) observe(operation string, err error, took time.Duration) {
	m.requests.WithLabelValues(operation, code(err)).Inc()
	m.seconds.WithLabelValues(operation).Observe(took.Seconds())
}

// code is the outcome as a label: few values, whatever the gateway answers.
func code(err error) string {
	if err == nil {
		return "200"
	}
	if api, ok := errors.AsType[*nopayn.APIError](err); ok {
		return strconv.Itoa(api.StatusCode)
	}
	if _, ok := errors.AsType[*nopayn.ResponseError](err); ok {
		return "unreadable"
	}
	_, transport := errors.AsType[*nopayn.TransportError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "given_up" // by the caller
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case transport:
		return "network"
	}
	return "failed" // in this process; nothing may have been sent
}
