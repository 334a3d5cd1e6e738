package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTail reads the feed of a real service up to its head.
func TestTail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	first, second := r.create(t, ""), r.create(t, "", map[string]any{"merchant_order_id": "A-2"})
	for _, id := range []string{first, second} {
		s.accepted(t, id)
		s.becomes(t, id, "pending")
		r.pay(t, id)
		s.accepted(t, id)
		s.becomes(t, id, "paid")
	}
	s.quiet(t, r)
	all := s.feed(t)
	environ := r.environHere(s)
	for args, wants := range map[string]func(event) bool{
		"":                                 func(event) bool { return true },
		"--after 0":                        func(event) bool { return true },
		"--after 2":                        func(e event) bool { return e.Seq > 2 },
		"-n 1":                             func(e event) bool { return e.Seq == int64(len(all)) },
		"-n 0":                             func(event) bool { return false },
		"--type paid":                      func(e event) bool { return e.Type == "order.paid" },
		"--type order.paid,pending":        func(e event) bool { return e.Type == "order.paid" || e.Type == "order.pending" },
		"--type paid -n 1":                 func(e event) bool { return e.Type == "order.paid" && e.OrderID == second },
		"--order " + first:                 func(e event) bool { return e.OrderID == first },
		"--after 0 --order " + first:       func(e event) bool { return e.OrderID == first },
		"--type paid --order " + second:    func(e event) bool { return e.Type == "order.paid" && e.OrderID == second },
		"--type refunded --order " + first: func(event) bool { return false },
	} {
		var want []int64
		for _, e := range all {
			if wants(e) {
				want = append(want, e.Seq)
			}
		}
		command := append([]string{"events", "tail"}, strings.Fields(args)...)
		status, text, stderr := invoke(t, environ, append(command, "--json")...)
		if got := positions(t, text); status != 0 || !slices.Equal(got, want) {
			t.Errorf("%q: exit status %d, events %d, want %d\n%s", args, status, got, want, stderr)
		}
		if _, lines, _ := invoke(t, environ, command...); strings.Count(lines, "\n") != len(want) {
			t.Errorf("%q: not %d lines:\n%s", args, len(want), lines)
		}
	}
	_, line, _ := invoke(t, environ, "events", "tail", "-n", "1")
	for _, fact := range []string{"order.paid", second, "12.95 EUR", "A-2", "yes"} {
		if !strings.Contains(line, fact) {
			t.Errorf("the line does not say %q: %s", fact, line)
		}
	}
}

// TestTailOfWhatIsGone asks for places that the feed does not have, or no longer.
func TestTailOfWhatIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.start(t)
	for range 3 {
		id := r.create(t, "")
		s.accepted(t, id)
		s.becomes(t, id, "pending")
	}
	environ := r.environHere(s)
	for args, want := range map[string]string{
		"--after 99999":          "(gone, HTTP 410",
		"--order never-heard-of": "(not_found, HTTP 404",
	} {
		status, _, stderr := invoke(t, environ, append([]string{"events", "tail"}, strings.Fields(args)...)...)
		if status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit status %d, %s", args, status, stderr)
		}
	}
	r.sql(t, "delete from events where seq <= 2")
	r.sql(t, "update feed set floor = 2")
	status, text, stderr := invoke(t, environ, "events", "tail", "--json")
	if got := positions(t, text); status != 0 || !slices.Equal(got, []int64{3}) {
		t.Errorf("of a feed whose beginning is not kept: exit status %d, events %d\n%s", status, got, stderr)
	}
}

// positions reads the places in the feed out of one event a line.
func positions(t *testing.T, text string) (list []int64) {
	t.Helper()
	for line := range strings.Lines(text) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		list = append(list, e.Seq)
	}
	return list
}

// fakeFeed is the feed of a service that can hold its answers, and fail.
type fakeFeed struct {
	mu      sync.Mutex
	name    string
	head    int64
	floor   int64
	down    bool
	gap     bool          // leave out an event
	held    int           // answers held just now
	refused int           // calls while down
	changed chan struct{} // closed at the next change
}

func startFeed(t *testing.T, head int64) (*fakeFeed, string) {
	t.Helper()
	f := &fakeFeed{name: "feed-1", head: head, changed: make(chan struct{})}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL
}

// change changes the feed, and answers who waits.
func (f *fakeFeed) change(step func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	step()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fakeFeed) count(n *int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *n
}

func (f *fakeFeed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	limit, _ := strconv.ParseInt(r.FormValue("limit"), 10, 64)
	wait, _ := time.ParseDuration(r.FormValue("wait"))
	if wait > 0 && !f.down && after == f.head {
		changed := f.changed
		f.held++
		f.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
		case <-time.After(wait):
		}
		f.mu.Lock()
		f.held--
	}
	defer f.mu.Unlock()
	if f.down {
		f.refused++
		panic(http.ErrAbortHandler)
	}
	if after < f.floor || after > f.head || r.FormValue("feed") != "" && r.FormValue("feed") != f.name {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusGone)
		w.Write([]byte(`{"detail":"It is gone.","code":"gone"}`))
		return
	}
	json.NewEncoder(w).Encode(f.page(after, limit))
}

func (f *fakeFeed) page(after, limit int64) map[string]any {
	events := []map[string]any{}
	for seq := after + 1; seq <= f.head && int64(len(events)) < limit; seq++ {
		if f.gap && seq == f.head-1 {
			continue
		}
		events = append(events, map[string]any{
			"seq": seq, "type": "order.paid", "order_id": fmt.Sprintf("order-%d", seq), "order": map[string]any{},
		})
	}
	next := after + int64(len(events))
	return map[string]any{"feed": f.name, "events": events, "next": next, "head": f.head, "has_more": next < f.head}
}

// follower is a tail at work.
type follower struct {
	stdout, stderr syncBuffer
	status         chan int
	signal         context.CancelFunc
}

func follow(t *testing.T, args ...string) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &follower{status: make(chan int, 1), signal: cancel}
	go func() {
		f.status <- run(ctx, append([]string{"events", "tail", "-f", "--json"}, args...), nil, &f.stdout, &f.stderr)
	}()
	return f
}

// ends waits for the exit status.
func (f *follower) ends(t *testing.T) int {
	t.Helper()
	select {
	case status := <-f.status:
		return status
	case <-time.After(patience):
		t.Fatal("it does not end")
		return -1
	}
}

// syncBuffer collects what is written by another goroutine.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestFollow loses the service while it waits, and again with much to catch up on: every event comes, once.
func TestFollow(t *testing.T) {
	t.Parallel()
	feed, url := startFeed(t, 30)
	f := follow(t, "--url", url)
	shows := func(head int64) {
		t.Helper()
		eventually(t, fmt.Sprintf("event %d is shown", head), func() bool {
			return strings.Count(f.stdout.String(), "\n") >= int(head-10)
		})
	}
	shows(30)
	eventually(t, "it waits", func() bool { return feed.count(&feed.held) == 1 })
	feed.change(func() { feed.head++ })
	shows(31)
	eventually(t, "it waits again", func() bool { return feed.count(&feed.held) == 1 })
	feed.change(func() { feed.down = true })
	eventually(t, "it asks on", func() bool { return feed.count(&feed.refused) >= 2 })
	feed.change(func() { feed.down, feed.head = false, 1300 })
	shows(1300)
	eventually(t, "it waits once more", func() bool { return feed.count(&feed.held) == 1 })
	f.signal()
	if status := f.ends(t); status != 0 {
		t.Errorf("exit status %d after a signal: %s", status, f.stderr.String())
	}
	got := positions(t, f.stdout.String())
	for i, seq := range got {
		if seq != int64(i)+11 {
			t.Fatalf("event %d is at place %d", seq, i)
		}
	}
	stderr := f.stderr.String()
	for _, told := range []string{"asking again from 31", "back after"} {
		if strings.Count(stderr, told) != 1 {
			t.Errorf("stderr does not say %q once: %s", told, stderr)
		}
	}
}

// TestFollowEnds gives reasons not to go on.
func TestFollowEnds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*fakeFeed)
		want   string
	}{
		"another feed":       {func(f *fakeFeed) { f.name = "feed-2" }, "gone"},
		"a gap":              {func(f *fakeFeed) { f.head, f.gap = f.head+2, true }, "the feed has a gap: 7 follows 5"},
		"too much is pruned": {func(f *fakeFeed) { f.head, f.floor = 20, 10 }, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			feed, url := startFeed(t, 5)
			f := follow(t, "--url", url, "--after", "3")
			eventually(t, "it waits", func() bool { return feed.count(&feed.held) == 1 })
			feed.change(func() { tt.change(feed) })
			if status := f.ends(t); status != 1 || !strings.Contains(f.stderr.String(), tt.want) {
				t.Errorf("exit status %d, %s", status, f.stderr.String())
			}
			if got := positions(t, f.stdout.String()); !slices.Equal(got, []int64{4, 5}) {
				t.Errorf("events %d", got)
			}
		})
	}
}

// TestFollowAStopDuringAnOutage sends the signal while the service is away.
func TestFollowAStopDuringAnOutage(t *testing.T) {
	t.Parallel()
	feed, url := startFeed(t, 1)
	f := follow(t, "--url", url)
	eventually(t, "it waits", func() bool { return feed.count(&feed.held) == 1 })
	feed.change(func() { feed.down = true })
	eventually(t, "it asks on", func() bool { return feed.count(&feed.refused) >= 2 })
	f.signal()
	if status := f.ends(t); status != 0 {
		t.Errorf("exit status %d: %s", status, f.stderr.String())
	}
}
