package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"webhookd/internal/sandbox"
)

// sandboxKey opens the gateway stand-in.
const sandboxKey = sandbox.DefaultAPIKey

// share is how the group commit of webhooks spent a stretch of time.
type share struct {
	commits  float64
	webhooks float64
	seconds  float64 // with a commit under way
	elapsed  float64
}

func (s share) plus(t share) share {
	return share{s.commits + t.commits, s.webhooks + t.webhooks, s.seconds + t.seconds, s.elapsed + t.elapsed}
}

func (s share) batch() float64 { return s.webhooks / s.commits }
func (s share) busy() float64  { return s.seconds / s.elapsed }

// readShare reads it from the service's metrics.
func readShare(ctx context.Context, url string, elapsed time.Duration) (share, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return share{}, fmt.Errorf("read the metrics: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return share{}, fmt.Errorf("read the metrics: %w", err)
	}
	defer res.Body.Close()
	s := share{elapsed: elapsed.Seconds()}
	wanted := map[string]*float64{
		"webhookd_hint_batch_size_count":            &s.commits,
		"webhookd_hint_batch_size_sum":              &s.webhooks,
		`webhookd_commit_seconds_sum{kind="hints"}`: &s.seconds,
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if into := wanted[name]; into != nil {
			if *into, err = strconv.ParseFloat(value, 64); err != nil {
				return share{}, fmt.Errorf("read the metric %s: %w", name, err)
			}
		}
	}
	return s, lines.Err()
}
