package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// resend spaces the attempts of a gateway whose webhook was refused, which in truth takes longer.
const resend = 20 * time.Millisecond

// shortLease is a setting for tests of what is due again when its lease is over: 11 s.
const shortLease = "GATEWAY_TIMEOUT=1s"

// longLook is a setting for tests that hold an answer of the gateway back, however slow the machine is.
const longLook = "GATEWAY_TIMEOUT=1m"

// load sends a webhook for each of many orders, again and again until it is accepted, as the gateway does.
type load struct {
	t        *testing.T
	s        *instance
	ids      []string
	next     atomic.Int64
	accepted atomic.Int64
	refused  atomic.Int64
	senders  sync.WaitGroup
}

// load begins. Each of the senders has one webhook under way at a time.
func (s *instance) load(t *testing.T, ids []string, senders int) *load {
	l := &load{t: t, s: s, ids: ids}
	for range senders {
		l.senders.Go(func() {
			for i := l.next.Add(1) - 1; int(i) < len(ids) && l.send(ids[i]); i = l.next.Add(1) - 1 {
			}
		})
	}
	return l
}

// send reports whether the webhook was accepted at last.
func (l *load) send(id string) bool {
	over := time.After(patience)
	for {
		code, header := l.s.webhook(id)
		switch {
		case code == 200:
			l.accepted.Add(1)
			return true
		case code != 503:
			l.t.Errorf("a webhook was answered %d", code)
		case header.Get("Retry-After") == "":
			l.t.Error("503 without Retry-After")
		}
		l.refused.Add(1)
		select {
		case <-time.After(resend):
		case <-over:
			l.t.Errorf("no webhook for %s was accepted within %s", id, patience)
			return false
		}
	}
}

// reaches waits until so many more webhooks are accepted, and tells how long that took.
func (l *load) reaches(more int64) time.Duration {
	l.t.Helper()
	start := time.Now()
	want := min(l.accepted.Load()+more, int64(len(l.ids)))
	eventually(l.t, fmt.Sprintf("%d webhooks are accepted", want), func() bool { return l.accepted.Load() >= want })
	return time.Since(start)
}

// createPaid makes orders at the gateway that are paid, and whose own webhooks are lost.
func (r *rig) createPaid(t *testing.T, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = r.create(t, "")
		r.pay(t, ids[i])
	}
	return ids
}

// paidOnce waits until all the orders are paid, and fails unless the feed tells of each of them once, and is the one
// that it was.
func (l *load) paidOnce(feed string) {
	l.t.Helper()
	l.senders.Wait()
	eventually(l.t, "all orders are paid", func() bool {
		_, head, code := l.s.extent(l.t)
		return code == 200 && head >= int64(len(l.ids))
	})
	told := map[string]int{}
	for _, e := range l.s.feed(l.t) {
		told[e.OrderID]++
		if e.Type != "order.paid" {
			l.t.Errorf("event %d is an %s", e.Seq, e.Type)
		}
	}
	for _, id := range l.ids {
		if told[id] != 1 {
			l.t.Errorf("order %s has %d events", id, told[id])
		}
		delete(told, id)
	}
	if len(told) > 0 {
		l.t.Errorf("%d orders have events that nobody sent webhooks for", len(told))
	}
	if now, _, _ := l.s.extent(l.t); now != feed {
		l.t.Errorf("the feed is %s, and was %s", now, feed)
	}
	l.t.Logf("%d webhooks were accepted, %d refused", l.accepted.Load(), l.refused.Load())
}

// extent is the feed's identity and newest position.
func (s *instance) extent(t *testing.T) (feed string, head int64, code int) {
	t.Helper()
	var p page
	code = s.api(t, "GET", "/v1/events?after=0&limit=1", "", &p)
	return p.Feed, p.Head, code
}

func (l *load) all() map[string]bool {
	all := make(map[string]bool, len(l.ids))
	for _, id := range l.ids {
		all[id] = true
	}
	return all
}
