package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWaitUntilFinal has the shop's return page wait for the payment: the answer comes with the webhook, on the replica
// that got it and on the other one, and not because the time is over.
func TestWaitUntilFinal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hooked, other := r.start(t), r.start(t)
	for name, s := range map[string]*instance{"the replica that gets the webhook": hooked, "another replica": other} {
		t.Run(name, func(t *testing.T) {
			id := r.create(t, "")
			began := make(chan time.Time, 1)
			answered := make(chan order, 1)
			go func() {
				var o order
				defer func() { answered <- o }() // also if the call fails the test
				began <- time.Now()
				s.api(t, http.MethodGet, "/v1/orders/"+id+"?wait=30s&until=final", "", &o)
			}()
			start := <-began
			eventually(t, "somebody waits", func() bool {
				return strings.Contains(s.get(t, s.admin+"/metrics"), "webhookd_checks_due") && time.Since(start) > 50*time.Millisecond
			})
			hooked.accepted(t, id) // it is new, and not final
			hooked.becomes(t, id, "pending")
			r.pay(t, id)
			paid := time.Now()
			hooked.accepted(t, id)
			o := <-answered
			if o.State != "paid" || time.Since(start) > 28*time.Second {
				t.Errorf("answered %+v after %s, want paid at once", o, time.Since(start))
			}
			t.Logf("answered %s after the webhook was sent", time.Since(paid))
		})
	}
}

// TestWaitUntilChange answers 304 or the order as it was when nothing happens.
func TestWaitUntilChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	id := r.create(t, "")
	if code := s.api(t, http.MethodGet, "/v1/orders/"+id+"?wait=100ms", "", nil); code != 404 {
		t.Errorf("an order that nobody knows was answered %d after the wait, want 404", code)
	}
	s.accepted(t, id)
	s.becomes(t, id, "pending")
	var o order
	if code := s.api(t, http.MethodGet, "/v1/orders/"+id+"?wait=100ms&until=change", "", &o); code != 200 || o.State != "pending" {
		t.Errorf("answered %d %+v, want the order as it was", code, o)
	}
}

// TestPromise4_StreamsHaveNoGap follows the stream on one replica, has that killed, and goes on at the other one.
func TestPromise4_StreamsHaveNoGap(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.startProcess(t), r.start(t)
	const orders = 60
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range orders {
			id := r.create(t, "")
			r.pay(t, id)
			second.accepted(t, id)
		}
	}()
	last := int64(0)
	last = first.stream(t, last, orders/3)
	first.kill()
	last = second.stream(t, last, orders)
	<-written
	if last != orders {
		t.Errorf("the streams ended at %d, want %d", last, orders)
	}
}

// stream reads events after a position up to another one, and fails at the first gap.
func (s *instance) stream(t *testing.T, after, to int64) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/events/stream?after=0", nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	if after > 0 {
		req.Header.Set("Last-Event-ID", fmt.Sprint(after))
	}
	res, err := s.client.Do(req)
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream was answered %s %v", res.Status, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for after < to && lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e event
		must(t, json.Unmarshal([]byte(data), &e))
		if e.Seq != after+1 {
			t.Fatalf("event %d follows %d", e.Seq, after)
		}
		after = e.Seq
	}
	if after < to {
		t.Fatalf("the stream ended after %d: %v", after, lines.Err())
	}
	return after
}

// TestStreamsEndWithTheService does not let them hold up a stop.
func TestStreamsEndWithTheService(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.startProcess(t, "SHUTDOWN_TIMEOUT=20s")
	ended := make(chan error, 1)
	res := s.open(t, "/v1/events/stream")
	go func() {
		_, err := bufio.NewReader(res.Body).ReadString(0) // to the end
		ended <- err
	}()
	eventually(t, "the stream is counted", func() bool {
		return strings.Contains(s.get(t, s.admin+"/metrics"), "webhookd_stream_clients 1")
	})
	start := time.Now()
	if code := s.stop(); code != 0 || time.Since(start) > 15*time.Second {
		t.Errorf("the service stopped with %d after %s", code, time.Since(start))
	}
	<-ended
}

// open begins a GET whose answer does not end.
func (s *instance) open(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+apiSecret)
	res, err := s.client.Do(req)
	must(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}
