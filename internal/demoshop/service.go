package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// errUnknown says that webhookd knows no such order.
var errUnknown = errors.New("webhookd does not know the order")

// service is webhookd: the only one whom the shop believes.
type service struct {
	peer
	holdsNothing atomic.Bool // it is of a release that does not hold answers back until there is news
}

func newService(base, key string, client *http.Client) *service {
	return &service{peer: peer{
		base: withoutSlash(base), client: client,
		authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) },
	}}
}

// registration is what the shop expects of an order.
type registration struct {
	MerchantOrderID string `json:"merchant_order_id"`
	Amount          int64  `json:"amount"` // minor units
	Currency        string `json:"currency"`
}

// verifiedOrder is what webhookd says of an order, as far as the shop shows it.
type verifiedOrder struct {
	OrderID        string     `json:"order_id"`
	Status         string     `json:"status"` // the gateway's own word; empty until verified
	State          string     `json:"state"`
	Settled        bool       `json:"settled"`
	Fulfillable    bool       `json:"fulfillable"`
	Holds          []string   `json:"holds"`
	Amount         int64      `json:"amount"` // minor units, like RefundedAmount
	Currency       string     `json:"currency"`
	RefundedAmount int64      `json:"refunded_amount"`
	CheckedAt      *time.Time `json:"checked_at"`
	Webhooks       struct {
		Count int64 `json:"count"`
	} `json:"webhooks"`
}

// orderEvent is one entry of an order's history.
type orderEvent struct {
	Seq      int64     `json:"seq"`
	Type     string    `json:"type"`
	Time     time.Time `json:"time"`
	Source   string    `json:"source"`
	Snapshot struct {
		State string `json:"state"`
	} `json:"order"`
}

// register says that the order is the shop's own, and what it expects of it. It may be repeated.
func (s *service) register(ctx context.Context, id string, expected registration) error {
	if err := s.call(ctx, http.MethodPut, "/v1/orders/"+id, expected, nil); err != nil {
		return fmt.Errorf("register the order at webhookd: %w", err)
	}
	return nil
}

// order returns the verified order and the tag of this version of it; errUnknown if there is none.
func (s *service) order(ctx context.Context, id string) (o verifiedOrder, tag string, err error) {
	if tag, err = s.fetch(ctx, "/v1/orders/"+id, "", 0, &o); err != nil {
		return verifiedOrder{}, "", fmt.Errorf("ask webhookd for the order: %w", orUnknown(err))
	}
	return o, tag, nil
}

// refresh has webhookd ask the gateway now, and returns the order as it is then; errUnknown if there is none.
func (s *service) refresh(ctx context.Context, id string) (o verifiedOrder, err error) {
	if err = s.call(ctx, http.MethodPost, "/v1/orders/"+id+"/refresh", nil, &o); err != nil {
		return verifiedOrder{}, fmt.Errorf("have webhookd look at the order: %w", orUnknown(err))
	}
	return o, nil
}

// history returns all events of the order, oldest first; errUnknown if there is no such order.
func (s *service) history(ctx context.Context, id string) ([]orderEvent, error) {
	var answer struct {
		Events []orderEvent `json:"events"`
	}
	if err := s.call(ctx, http.MethodGet, "/v1/orders/"+id+"/history", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask webhookd for the order's history: %w", orUnknown(err))
	}
	return answer.Events, nil
}

// newest returns the orders that webhookd saw last, of this shop and of others, by id.
func (s *service) newest(ctx context.Context) (map[string]verifiedOrder, error) {
	var answer struct {
		Orders []verifiedOrder `json:"orders"`
	}
	if err := s.call(ctx, http.MethodGet, "/v1/orders?limit=200", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask webhookd for the orders: %w", err)
	}
	byID := make(map[string]verifiedOrder, len(answer.Orders))
	for _, o := range answer.Orders {
		byID[o.OrderID] = o
	}
	return byID, nil
}

const (
	heldFor  = 20 * time.Second // by webhookd, when there is no news
	askAgain = time.Second      // when it holds nothing back, or does not answer
)

// awaitNews returns when the order has not the given tag any more, or when ctx ends.
func (s *service) awaitNews(ctx context.Context, id, tag string) {
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := s.holdOn(ctx, id, tag)
		if err == nil {
			return
		}
		if statusOf(err) == http.StatusUnprocessableEntity { // it does not know wait
			s.holdsNothing.Store(true)
		}
		select {
		case <-ctx.Done():
		case <-tick.C: // at once, if the answer was held for long
		}
	}
}

// holdOn asks for the order, if it has another tag, and lets webhookd wait for that if it can.
func (s *service) holdOn(ctx context.Context, id, tag string) error {
	path, held := "/v1/orders/"+id, time.Duration(0)
	if !s.holdsNothing.Load() {
		path, held = path+"?wait="+heldFor.String()+"&until=change", heldFor
	}
	_, err := s.fetch(ctx, path, tag, held, nil)
	return err
}

func orUnknown(err error) error {
	if statusOf(err) == http.StatusNotFound {
		return errUnknown
	}
	return err
}
