package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	apiTimeout = 10 * time.Second
	maxAnswer  = 4 << 20
)

// api is webhookd as a fulfilment system sees it.
type api struct {
	base string // with /v1
	key  string
}

// apiOrder is an order, as far as the story goes.
type apiOrder struct {
	State       string   `json:"state"`
	Fulfillable bool     `json:"fulfillable"`
	Holds       []string `json:"holds"`
	Webhooks    struct {
		Count  int       `json:"count"`
		LastAt time.Time `json:"last_at"`
	} `json:"webhooks"`
}

// apiEvent is an entry of the feed, or of an order's history.
type apiEvent struct {
	Seq     int64     `json:"seq"`
	Type    string    `json:"type"`
	OrderID string    `json:"order_id"`
	Time    time.Time `json:"time"`
	Source  string    `json:"source"`
}

func (a api) order(ctx context.Context, id string) (apiOrder, error) {
	var o apiOrder
	return o, a.get(ctx, "/orders/"+id, &o)
}

func (a api) history(ctx context.Context, id string) ([]apiEvent, error) {
	var answer struct{ Events []apiEvent }
	err := a.get(ctx, "/orders/"+id+"/history", &answer)
	return answer.Events, err
}

// feed returns the first 500 events.
func (a api) feed(ctx context.Context) ([]apiEvent, error) {
	var answer struct{ Events []apiEvent }
	err := a.get(ctx, "/events?after=0&limit=500", &answer)
	return answer.Events, err
}

func (a api) get(ctx context.Context, path string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: answered %s", path, res.Status)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("GET %s: read the answer: %w", path, err)
	}
	return nil
}
