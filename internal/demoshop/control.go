package demoshop

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"time"
)

// control is the sandbox gateway's other side, which breaks things and tells what became of webhooks. A real gateway
// has none.
type control struct{ peer }

// newControl returns nil without an address.
func newControl(base string, client *http.Client) *control {
	if base == "" {
		return nil
	}
	return &control{peer{base: withoutSlash(base), client: client, authorize: func(*http.Request) {}}}
}

// faultOrder says what is to go wrong.
type faultOrder struct {
	On     string `json:"on"`
	Kind   string `json:"kind"`
	Times  int    `json:"times,omitempty"`
	For    string `json:"for,omitempty"` // Go duration, as is Delay
	Delay  string `json:"delay,omitempty"`
	Copies int    `json:"copies,omitempty"`
	Status int    `json:"status,omitempty"`
}

// activeFault is one that is still to happen, or happens.
type activeFault struct {
	ID   string `json:"id"`
	On   string `json:"on"`
	Kind string `json:"kind"`
	Left any    `json:"left"` // times or time, as the sandbox puts it
}

// delivery is one webhook and what became of it.
type delivery struct {
	OrderID  string    `json:"order_id"`
	Event    string    `json:"event"`
	At       time.Time `json:"at"`
	State    string    `json:"state"`
	Attempts []attempt `json:"attempts"`
}

// attempt is one try to deliver a webhook.
type attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"` // of the answer; 0 if there was none
	Error  string    `json:"error"`
}

func (c *control) breakIt(ctx context.Context, f faultOrder) error {
	if err := c.call(ctx, http.MethodPost, "/sandbox/faults", f, nil); err != nil {
		return fmt.Errorf("have the sandbox break something: %w", err)
	}
	return nil
}

func (c *control) active(ctx context.Context) ([]activeFault, error) {
	var answer struct {
		Faults []activeFault `json:"faults"`
	}
	if err := c.call(ctx, http.MethodGet, "/sandbox/faults", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask the sandbox what is broken: %w", err)
	}
	return answer.Faults, nil
}

func (c *control) liftAll(ctx context.Context) error {
	if err := c.call(ctx, http.MethodDelete, "/sandbox/faults", nil, nil); err != nil {
		return fmt.Errorf("have the sandbox lift its faults: %w", err)
	}
	return nil
}

// flood has the sandbox send webhooks for orders that do not exist.
func (c *control) flood(ctx context.Context, count, perSecond int) error {
	order := map[string]int{"count": count, "per_second": perSecond}
	if err := c.call(ctx, http.MethodPost, "/sandbox/webhooks/flood", order, nil); err != nil {
		return fmt.Errorf("have the sandbox forge webhooks: %w", err)
	}
	return nil
}

// advance puts the gateway's clock forward.
func (c *control) advance(ctx context.Context, by time.Duration) error {
	if err := c.call(ctx, http.MethodPost, "/sandbox/clock", map[string]string{"advance": by.String()}, nil); err != nil {
		return fmt.Errorf("put the sandbox's clock forward: %w", err)
	}
	return nil
}

// deliveries returns the webhooks of an order, oldest first.
func (c *control) deliveries(ctx context.Context, orderID string) ([]delivery, error) {
	var answer struct {
		Deliveries []delivery `json:"deliveries"`
	}
	path := "/sandbox/webhooks?order_id=" + url.QueryEscape(orderID)
	if err := c.call(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return nil, fmt.Errorf("ask the sandbox for the order's webhooks: %w", err)
	}
	return answer.Deliveries, nil
}

// awaitNews returns when the order's webhooks are not the known ones any more, or when ctx ends.
func (c *control) awaitNews(ctx context.Context, orderID string, known []delivery) {
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := c.deliveries(ctx, orderID)
		if err == nil && !reflect.DeepEqual(now, known) {
			return
		}
	}
}
