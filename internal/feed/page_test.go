package feed_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/feed"
	"webhookd/internal/store"
)

// held is a call of Page under way.
type held struct {
	page store.Page
	err  error
	took time.Duration
	done chan struct{}
}

func hold(ctx context.Context, live *feed.Tail, name string, after int64, limit int, wait time.Duration) *held {
	h := &held{done: make(chan struct{})}
	began := time.Now()
	go func() {
		defer close(h.done)
		h.page, h.err = live.Page(ctx, name, after, limit, wait)
		h.took = time.Since(began)
	}()
	return h
}

// gives waits for the end, and fails the test unless there are the events from one to the other by then.
func (h *held) gives(t *testing.T, what string, from, to int64, within time.Duration) {
	t.Helper()
	<-h.done
	p := h.page
	if h.err != nil || h.took > within || p.Next != to || int64(len(p.Events)) != to-from+1 || p.Feed != "one" ||
		p.HasMore != (p.Next < p.Head) {
		t.Fatalf("%s: %d events up to %d of %d after %v, %v; want %d to %d within %v",
			what, len(p.Events), p.Next, p.Head, h.took, h.err, from, to, within)
	}
	for i, e := range p.Events {
		if e.Seq != from+int64(i) {
			t.Errorf("%s: event %d at place %d", what, e.Seq, i)
		}
	}
}

// TestPageWaits is about how long it waits, and for what.
func TestPageWaits(t *testing.T) {
	m := newMemory()
	m.add(6)
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		ctx := t.Context()
		hold(ctx, live, "", 2, 3, time.Minute).gives(t, "events that are there", 3, 5, 0)
		hold(ctx, live, "one", 6, 3, 20*time.Second).gives(t, "nothing happens", 7, 6, 20*time.Second)
		for range 20 { // at every phase of the tail's look-out
			head := m.head()
			h := hold(ctx, live, "one", head, 100, time.Minute)
			<-time.After(1007 * time.Millisecond)
			m.add(2)
			live.Wake()
			h.gives(t, "this replica's", head+1, head+2, 1007*time.Millisecond)
			h = hold(ctx, live, "", head+2, 100, time.Minute)
			<-time.After(1013 * time.Millisecond)
			m.add(1)
			h.gives(t, "another replica's", head+3, head+3, 1263*time.Millisecond)
		}
	})
}

// TestPageIsRefused says where it cannot go on from at once, wait or not.
func TestPageIsRefused(t *testing.T) {
	m := newMemory()
	m.add(20)
	m.set(func() { m.floor, m.events = 10, m.events[10:] })
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		for what, h := range map[string]*held{
			"pruned":         hold(t.Context(), live, "", 9, 10, time.Minute),
			"beyond the end": hold(t.Context(), live, "", 21, 10, time.Minute),
			"another feed":   hold(t.Context(), live, "two", 15, 10, time.Minute),
		} {
			<-h.done
			var gone *store.GoneError
			if !errors.As(h.err, &gone) || h.took > 0 {
				t.Errorf("%s: %v after %v, want it gone at once", what, h.err, h.took)
			}
		}
		m.set(func() { m.err = errAway })
		h := hold(t.Context(), live, "", 5, 10, time.Minute)
		if <-h.done; !errors.Is(h.err, errAway) {
			t.Errorf("without a database: %v", h.err)
		}
	})
}

// TestPagesOutlastADatabase lets those wait on whose place is right while the database is away.
func TestPagesOutlastADatabase(t *testing.T) {
	m := newMemory()
	m.add(5)
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		h := hold(t.Context(), live, "", 5, 10, time.Minute)
		<-time.After(time.Second)
		m.set(func() { m.err = errAway })
		<-time.After(30 * time.Second)
		m.add(1)
		m.set(func() { m.err = nil })
		h.gives(t, "after the database came back", 6, 6, 34*time.Second)
	})
}

// TestPageOfAReplacedFeed waits in a feed that is replaced by another: events of that one are not what was asked for.
func TestPageOfAReplacedFeed(t *testing.T) {
	for name, replace := range map[string]func(m *memory){
		"another database":  func(m *memory) { m.feed, m.events = "two", m.events[:3] },
		"a restored backup": func(m *memory) { m.events = m.events[:3] },
		"and it is longer":  func(m *memory) { m.feed = "two" },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.add(8)
			inBubble(t, m, func(t *testing.T, live *feed.Tail) {
				h := hold(t.Context(), live, "", 8, 10, time.Minute)
				<-time.After(10 * time.Second)
				m.set(func() { replace(m) })
				m.add(2)
				<-h.done
				var gone *store.GoneError
				if !errors.As(h.err, &gone) {
					t.Errorf("%d events up to %d of feed %q, %v; want it gone", len(h.page.Events), h.page.Next, h.page.Feed, h.err)
				}
			})
		})
	}
}

// TestPagesEnd is about the reasons not to wait any longer.
func TestPagesEnd(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		ctx, hangUp := context.WithCancel(t.Context())
		h := hold(ctx, live, "", 0, 10, time.Minute)
		<-time.After(time.Second)
		hangUp()
		if <-h.done; !errors.Is(h.err, context.Canceled) || h.took != time.Second {
			t.Errorf("who hung up was answered %v after %v", h.err, h.took)
		}
		h = hold(t.Context(), live, "", 0, 10, time.Minute)
		<-time.After(time.Second)
		live.Drain()
		h.gives(t, "the service stops", 1, 0, time.Second)
		hold(t.Context(), live, "", 0, 10, time.Minute).gives(t, "it has stopped", 1, 0, 0)
	})
}

// TestWaitingPagesCostNoQueries asks the database the same for 500 that wait as for one.
func TestWaitingPagesCostNoQueries(t *testing.T) {
	m := newMemory()
	m.add(5)
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		one := hold(t.Context(), live, "", 5, 10, 5*time.Minute)
		<-time.After(time.Second)
		var many []*held
		before := m.reads()
		for range 500 {
			many = append(many, hold(t.Context(), live, "", 5, 10, 5*time.Minute))
		}
		synctest.Wait()
		if n := m.reads() - before; n > 0 {
			t.Errorf("%d reads for 500 that begin to wait at the end", n)
		}
		<-time.After(time.Minute)
		if n := m.reads() - before; n > 250 {
			t.Errorf("%d reads in a minute, want one every 250 ms", n)
		}
		before = m.reads()
		m.add(1)
		live.Wake()
		one.gives(t, "one", 6, 6, time.Hour)
		for _, h := range many {
			h.gives(t, "each", 6, 6, time.Hour)
		}
		if n := m.reads() - before; n > 1 {
			t.Errorf("%d reads for an event that 501 wait for", n)
		}
	})
}

// TestWatch tells of the order's own events, of none before the watch, and of all of them when the feed is another one.
func TestWatch(t *testing.T) {
	m := newMemory()
	m.add(3, "a", "b", "c")
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		a, err := live.Watch("a")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		<-time.After(time.Second)
		changed := func(w *feed.Watch) bool {
			synctest.Wait()
			select {
			case <-w.Changed():
				return true
			default:
				return false
			}
		}
		changed(a) // the tail's start may have told
		again, err := live.Watch("a")
		if err != nil {
			t.Fatal(err)
		}
		b, err := live.Watch("b")
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		m.add(2, "a", "c")
		live.Wake()
		if !changed(a) || !changed(again) || changed(b) {
			t.Error("an event of one order: those who watch it are told, and nobody else")
		}
		again.Close()
		<-time.After(time.Second)
		m.add(1, "a")
		live.Wake()
		if !changed(a) || changed(again) {
			t.Error("a watch that is closed is told, or the other one is not")
		}
		<-time.After(time.Second)
		m.set(func() { m.feed = "two" })
		<-time.After(time.Second)
		if !changed(a) || !changed(b) {
			t.Error("another feed: all must look")
		}
		live.Drain()
		<-b.Stopped()
	})
}
