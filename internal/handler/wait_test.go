package handler_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/feed"
	"webhookd/internal/payment"
)

// asked is a request under way.
type asked struct {
	began  time.Time
	ended  time.Time
	status int
	header http.Header
	body   string
	done   chan struct{}
}

// ask begins a GET. headers are names and values in turn.
func (w *world) ask(t *testing.T, path string, headers ...string) *asked {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	a := &asked{began: time.Now(), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		res, err := w.client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Error(err)
		}
		a.status, a.header, a.body, a.ended = res.StatusCode, res.Header, string(text), time.Now()
	}()
	return a
}

// wants fails the test unless the answer has the status and came so long after the request.
func (a *asked) wants(t *testing.T, what string, status int, after time.Duration) {
	t.Helper()
	<-a.done
	if took := a.ended.Sub(a.began); a.status != status || took != after {
		t.Errorf("%s: %d after %v, want %d after %v: %s", what, a.status, took, status, after, a.body)
	}
}

// after runs f when so much time has passed, and tells this replica's listeners.
func (w *world) after(d time.Duration, f func()) {
	<-time.After(d)
	f()
	w.live.Wake()
	synctest.Wait()
}

// TestWaitForTheEnd holds the answer until the order is final, however often it changes before.
func TestWaitForTheEnd(t *testing.T) {
	for _, query := range []string{"?wait=25s&until=final", "?wait=25s"} {
		g := &growing{}
		g.becomes(payment.Pending, false)
		inWorld(t, g.fake(), func(t *testing.T, w *world) {
			a := w.ask(t, "/v1/orders/"+id+query)
			w.after(2*time.Second, func() { g.becomes(payment.Failed, false) })
			w.after(2*time.Second, func() { g.add(5, "another") })
			before := g.looked()
			w.after(time.Second, func() { g.add(5, "another") })
			if n := g.looked(); n != before || n > 4 {
				t.Errorf("%d reads of the order, and then %d; want a few, and none for the events of others", before, n)
			}
			w.after(5*time.Second, func() { g.becomes(payment.Paid, true) })
			a.wants(t, query, http.StatusOK, 10*time.Second)
			a = w.ask(t, "/v1/orders/"+id+query)
			a.wants(t, "a final order", http.StatusOK, 0)
		})
	}
}

// TestWaitOfAnotherReplica has the order change where nobody tells us: it is seen within a quarter of a second.
func TestWaitOfAnotherReplica(t *testing.T) {
	g := &growing{}
	g.becomes(payment.Pending, false)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		a := w.ask(t, "/v1/orders/"+id+"?wait=25s")
		<-time.After(3010 * time.Millisecond)
		g.becomes(payment.Paid, true)
		<-a.done
		if took := a.ended.Sub(a.began); a.status != http.StatusOK || took > 3260*time.Millisecond {
			t.Errorf("%d after %v, want it at most 250 ms after the change", a.status, took)
		}
	})
}

// TestWaitForAChange is about what counts as one.
func TestWaitForAChange(t *testing.T) {
	g := &growing{}
	g.becomes(payment.Pending, false)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		first := w.ask(t, "/v1/orders/"+id)
		first.wants(t, "the order", http.StatusOK, 0)
		tag := first.header.Get("ETag")
		path := "/v1/orders/" + id + "?wait=10s&until=change"
		a, b := w.ask(t, path), w.ask(t, path, "If-None-Match", tag)
		w.after(4*time.Second, func() { g.becomes(payment.Failed, false) })
		a.wants(t, "its next event", http.StatusOK, 4*time.Second)
		b.wants(t, "another than the client has", http.StatusOK, 4*time.Second)
		w.ask(t, path, "If-None-Match", tag).wants(t, "a client that has an old one", http.StatusOK, 0)
		tag = b.header.Get("ETag")
		w.ask(t, path, "If-None-Match", tag).wants(t, "nothing happens", http.StatusNotModified, 10*time.Second)
		w.ask(t, path).wants(t, "nothing happens", http.StatusOK, 10*time.Second)
	})
}

// TestWaitForAnUnknownOrder has the webhook come before or never.
func TestWaitForAnUnknownOrder(t *testing.T) {
	g := &growing{}
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		w.ask(t, "/v1/orders/"+id).wants(t, "without wait", http.StatusNotFound, 0)
		w.ask(t, "/v1/orders/"+id+"?wait=7s").wants(t, "never", http.StatusNotFound, 7*time.Second)
		final, change := w.ask(t, "/v1/orders/"+id+"?wait=7s"), w.ask(t, "/v1/orders/"+id+"?wait=7s&until=change")
		w.after(time.Second, func() { g.becomes(payment.Pending, false) })
		change.wants(t, "it is there", http.StatusOK, time.Second)
		final.wants(t, "it is there, and not final", http.StatusOK, 7*time.Second)
	})
}

// TestWaitWithALook counts the look into the wait.
func TestWaitWithALook(t *testing.T) {
	g := &growing{}
	g.becomes(payment.Pending, false)
	f := g.fake()
	f.refresh = slowLook(4 * time.Second)
	inWorld(t, f, func(t *testing.T, w *world) {
		w.ask(t, "/v1/orders/"+id+"?wait=10s&max_age=1s").wants(t, "look and wait", http.StatusOK, 10*time.Second)
		w.ask(t, "/v1/orders/"+id+"?wait=3s&max_age=1s").wants(t, "a look longer than the wait", http.StatusOK, 4*time.Second)
	})
}

// TestWaitEndsWhenTheServiceStops answers all that wait with what there is.
func TestWaitEndsWhenTheServiceStops(t *testing.T) {
	g := &growing{}
	g.becomes(payment.Pending, false)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		order, page := w.ask(t, "/v1/orders/"+id+"?wait=25s"), w.ask(t, "/v1/events?after=1&wait=25s")
		<-time.After(3 * time.Second)
		w.live.Drain()
		order.wants(t, "an order", http.StatusOK, 3*time.Second)
		page.wants(t, "the feed", http.StatusOK, 3*time.Second)
	})
}

// TestLongPoll holds an empty page of the feed until there is an event.
func TestLongPoll(t *testing.T) {
	g := &growing{}
	g.add(3, id)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		w.ask(t, "/v1/events?after=1&wait=25s").wants(t, "there are events", http.StatusOK, 0)
		a := w.ask(t, "/v1/events?after=3&wait=25s&feed=f")
		w.after(24*time.Second, func() { g.add(2, id) })
		a.wants(t, "an event", http.StatusOK, 24*time.Second)
		w.ask(t, "/v1/events?after=5&wait=30s").wants(t, "nothing happens", http.StatusOK, 30*time.Second)
		w.ask(t, "/v1/events?after=6&wait=25s").wants(t, "beyond the end", http.StatusGone, 0)
		w.ask(t, "/v1/events?after=5&wait=25s&feed=g").wants(t, "another feed", http.StatusGone, 0)
		w.ask(t, "/v1/events?after=5&wait=0s").wants(t, "no wait", http.StatusOK, 0)
		w.ask(t, "/v1/events?after=5&wait=30.001s").wants(t, "too long", http.StatusUnprocessableEntity, 0)
	})
}

// TestTooManyWait refuses one more than there may be, by all ways to wait, and lets those through that do not wait.
func TestTooManyWait(t *testing.T) {
	g := &growing{}
	g.becomes(payment.Pending, false)
	s := start(t, config(), g.fake())
	for range feed.MaxListeners {
		l, err := s.feed.Watch("another")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	for _, path := range []string{"/v1/events/stream", "/v1/events?after=1&wait=1s", "/v1/orders/" + id + "?wait=1s"} {
		a := s.get(path)
		wantProblem(t, a, http.StatusServiceUnavailable, "too_many_waiting")
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	for _, path := range []string{"/v1/events?after=1", "/v1/orders/" + id} {
		if a := s.get(path); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
}

// TestManyWaitForOne has 300 requests wait for one order, and each read it no more than it must.
func TestManyWaitForOne(t *testing.T) {
	const many = 300
	g := &growing{}
	g.becomes(payment.Pending, false)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		var waiting []*asked
		for range many {
			waiting = append(waiting, w.ask(t, "/v1/orders/"+id+"?wait=25s"))
		}
		w.after(20*time.Second, func() { g.becomes(payment.Paid, true) })
		var all sync.WaitGroup
		for i, a := range waiting {
			all.Go(func() { a.wants(t, fmt.Sprint("request ", i), http.StatusOK, 20*time.Second) })
		}
		all.Wait()
		if n := g.looked(); n > 3*many {
			t.Errorf("%d reads for %d requests, want at most three for each", n, many)
		}
	})
}
