package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	connectionTime = 6 * time.Second // at most; then a consumer connects elsewhere
	pollWait       = "2s"
)

// consumer reads the feed from its beginning, from any replica, and goes on where it was whenever it is cut off.
type consumer struct {
	w    *World
	rng  *rand.Rand
	name string
}

// poll reads pages, waiting for each.
func (c *consumer) poll(ctx context.Context) {
	for ctx.Err() == nil {
		path := fmt.Sprintf("/v1/events?after=%d&limit=%d&wait=%s", c.w.Ledger.last(c.name), 1+c.rng.IntN(100), pollWait)
		answer := c.w.ask(ctx, c.w.anyReplica(c.rng), http.MethodGet, path, nil)
		if answer.code != http.StatusOK {
			c.failed(answer.code)
			pause(ctx, between(c.rng, 50*time.Millisecond, 300*time.Millisecond))
			continue
		}
		var page struct {
			Feed   string
			Events []event
		}
		if err := json.Unmarshal(answer.body, &page); err != nil {
			c.w.Ledger.Find("feed", "%s got a page that is no JSON: %v", c.name, err)
			return
		}
		c.w.Ledger.told(c.name, page.Feed)
		for _, e := range page.Events {
			c.take(e)
		}
	}
}

// event is what a consumer reads of an event.
type event struct {
	Seq     int64
	Type    string
	OrderID string `json:"order_id"`
	Order   struct {
		Fulfillable bool
	}
}

// take takes in an event. One that says that goods may leave is held against the gateway at once.
func (c *consumer) take(e event) {
	c.w.Ledger.saw(c.name, Position{e.Seq, e.Type, e.OrderID})
	if e.Order.Fulfillable {
		c.w.mayLeave(e.OrderID, fmt.Sprintf("event %d", e.Seq), false)
	}
}

func (c *consumer) failed(code int) {
	c.w.Ledger.reset(c.name)
	if code == http.StatusGone {
		c.w.Ledger.Find("feed", "%s was told 410 after position %d", c.name, c.w.Ledger.last(c.name))
	}
}

// stream reads server-sent events.
func (c *consumer) stream(ctx context.Context) {
	for ctx.Err() == nil {
		c.connection(ctx)
		pause(ctx, between(c.rng, 10*time.Millisecond, 200*time.Millisecond))
	}
}

// connection reads until it is cut off, or its time is over.
func (c *consumer) connection(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, between(c.rng, connectionTime/6, connectionTime))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.w.anyReplica(c.rng).URL+"/v1/events/stream?after=0", nil)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	if last := c.w.Ledger.last(c.name); last > 0 {
		req.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	}
	res, err := c.w.http.Do(req)
	if err != nil {
		c.failed(0)
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.failed(res.StatusCode)
		return
	}
	c.read(bufio.NewScanner(res.Body))
}

// read takes in each event once its end has come: one that is cut off comes again.
func (c *consumer) read(lines *bufio.Scanner) {
	lines.Buffer(nil, maxBody)
	var id, data string
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case field == "id":
			id = value
		case field == "data":
			data += value
		case lines.Text() == "" && data != "":
			var e event
			if err := json.Unmarshal([]byte(data), &e); err != nil || strconv.FormatInt(e.Seq, 10) != id {
				c.w.Ledger.Find("feed", "%s got the event %q with id %q", c.name, data, id)
			}
			c.take(e)
			id, data = "", ""
		}
	}
}
