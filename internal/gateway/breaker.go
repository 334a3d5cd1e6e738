package gateway

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

const (
	failuresToOpen = 5                      // failures in a row that open the breaker
	probeAfter     = 5 * time.Second        // an open breaker lets one call through after this, again and again
	probeLook      = 200 * time.Millisecond // how often to ask how that call went
)

// breaker stops calls while the gateway is unwell. What it is told are values of health.
type breaker struct {
	*gobreaker.TwoStepCircuitBreaker[any]
}

// newBreaker returns a closed breaker. opened is called whenever it opens.
func newBreaker(log *slog.Logger, open prometheus.Gauge, opened func()) breaker {
	return breaker{gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		MaxRequests:  1,
		Timeout:      probeAfter - 1, // it is over only after its Timeout, not with it
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresToOpen },
		IsSuccessful: func(err error) bool { return err == nil },
		IsExcluded:   func(err error) bool { return errors.Is(err, errNoVerdict) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch to {
			case gobreaker.StateClosed:
				open.Set(0)
				log.Info("the gateway is well again")
			case gobreaker.StateOpen:
				open.Set(1)
				opened()
				if from == gobreaker.StateClosed {
					log.Warn("the gateway is in trouble: only probes are sent")
				}
			}
		},
	})}
}

// free is how many calls the breaker lets through now, if there is room for as many as limit.
func (b breaker) free(limit int) int {
	switch b.State() {
	case gobreaker.StateOpen:
		return 0
	case gobreaker.StateHalfOpen:
		c := b.Counts()
		return min(limit, max(0, 1-int(c.Requests)+int(c.TotalExclusions)))
	}
	return limit
}
