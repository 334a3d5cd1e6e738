package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"webhookd/internal/store"
)

const readers = 16

// copies is how many orders and events there are to read.
const copies = 100_000

// reads prints how many answers a second each kind of question gets, near the front and far behind it.
func (b *bench) reads(ctx context.Context, w io.Writer) error {
	c, err := b.startOurs(ctx)
	if err != nil {
		return err
	}
	defer c.stop()
	if err := b.prepareReads(ctx, c); err != nil {
		return err
	}
	deep, err := deepCursor(ctx, c.url)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "reads, %d connections, %d orders with an event each\n", readers, copies)
	for _, q := range []struct{ name, path string }{
		{"one order", "/v1/orders/copy-1"},
		{"50 orders, first page", "/v1/orders?limit=50"},
		{fmt.Sprintf("50 orders, after %d", deepPages*500), "/v1/orders?limit=50&cursor=" + url.QueryEscape(deep)},
		{"50 orders of one state", "/v1/orders?limit=50&state=paid"},
		{"100 events, oldest", "/v1/events?after=0"},
		{"100 events, in between", fmt.Sprintf("/v1/events?after=%d", copies/2)},
		{"100 events, newest", fmt.Sprintf("/v1/events?after=%d", copies-100)},
	} {
		rate, took, err := ask(ctx, c.url+q.path, b.duration)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		at := took.quantiles(0.5, 0.99)
		fmt.Fprintf(w, "  %-24s %7.0f a second   p50 %6.2f ms   p99 %6.2f ms\n",
			q.name, rate, milliseconds(at[0]), milliseconds(at[1]))
	}
	load, err := c.weigh(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  weight %s\n", load)
	return nil
}

// prepareReads has one order go through the service, and then copies it.
func (b *bench) prepareReads(ctx context.Context, c *child) error {
	if _, err := sendAt(ctx, c.url+"/webhooks/costplus", 1, time.Second, "read"); err != nil {
		return err
	}
	var feed store.Page
	if err := fetch(ctx, c.url+"/v1/events?after=0&wait=10s", &feed); err != nil {
		return err
	}
	return copyOrders(ctx, b.url(), copies-1)
}

// deepPages is how far behind the front a deep page is, in pages of 500.
const deepPages = 100

// deepCursor goes that far through the list, and returns where it is.
func deepCursor(ctx context.Context, base string) (cursor string, err error) {
	for range deepPages {
		query := url.Values{"limit": {"500"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		var page struct {
			Next string `json:"next"`
		}
		if err := fetch(ctx, base+"/v1/orders?"+query.Encode(), &page); err != nil {
			return "", err
		}
		cursor = page.Next
	}
	return cursor, nil
}

// ask asks the same on several connections for the duration.
func ask(ctx context.Context, address string, duration time.Duration) (perSecond float64, took *times, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}}
	defer client.CloseIdleConnections()
	took = &times{}
	end := time.Now().Add(duration)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			var own []time.Duration
			for time.Now().Before(end) {
				start := time.Now()
				if e := get(ctx, client, address, io.Discard); e != nil {
					mu.Lock()
					err = e
					mu.Unlock()
					return
				}
				own = append(own, time.Since(start))
			}
			took.add(own...)
		})
	}
	all.Wait()
	return float64(took.count()) / duration.Seconds(), took, err
}

func fetch(ctx context.Context, address string, out any) error {
	read, write := io.Pipe()
	go func() { write.CloseWithError(get(ctx, http.DefaultClient, address, write)) }()
	if err := json.NewDecoder(read).Decode(out); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}

// get copies a good answer's body.
func get(ctx context.Context, client *http.Client, address string, to io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s was answered %s", address, res.Status)
	}
	_, err = io.Copy(to, res.Body)
	return err
}
