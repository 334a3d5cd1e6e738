package demoshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// errUnknown says that webhookd knows no such order.
var errUnknown = errors.New("webhookd does not know the order")

// service is webhookd: the only one whom the shop believes.
type service struct{ peer }

func newService(base, key string, client *http.Client) service {
	return service{peer{
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
	OrderID     string     `json:"order_id"`
	Status      string     `json:"status"` // the gateway's own word; empty until verified
	State       string     `json:"state"`
	Settled     bool       `json:"settled"`
	Fulfillable bool       `json:"fulfillable"`
	Holds       []string   `json:"holds"`
	CheckedAt   *time.Time `json:"checked_at"`
	Webhooks    struct {
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
func (s service) register(ctx context.Context, id string, expected registration) error {
	var order verifiedOrder
	if err := s.call(ctx, http.MethodPut, "/v1/orders/"+id, expected, &order); err != nil {
		return fmt.Errorf("register the order at webhookd: %w", err)
	}
	return nil
}

// order returns the verified order; errUnknown if there is none.
func (s service) order(ctx context.Context, id string) (verifiedOrder, error) {
	var order verifiedOrder
	if err := s.call(ctx, http.MethodGet, "/v1/orders/"+id, nil, &order); err != nil {
		return verifiedOrder{}, fmt.Errorf("ask webhookd for the order: %w", orUnknown(err))
	}
	return order, nil
}

// history returns all events of the order, oldest first; errUnknown if there is no such order.
func (s service) history(ctx context.Context, id string) ([]orderEvent, error) {
	var answer struct {
		Events []orderEvent `json:"events"`
	}
	if err := s.call(ctx, http.MethodGet, "/v1/orders/"+id+"/history", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask webhookd for the order's history: %w", orUnknown(err))
	}
	return answer.Events, nil
}

// newest returns the orders that webhookd saw last, of this shop and of others, by id.
func (s service) newest(ctx context.Context) (map[string]verifiedOrder, error) {
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

func orUnknown(err error) error {
	var answer *answerError
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		return errUnknown
	}
	return err
}
