package feed_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"webhookd/internal/feed"
	"webhookd/internal/store"
)

// TestNobodyListens looks whether the database is left alone, and whether it is asked the same by many as by one.
func TestFollowersCostNoQueries(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		<-time.After(time.Hour)
		live.Wake()
		synctest.Wait()
		if n := m.reads(); n != 0 {
			t.Errorf("%d reads while nobody listens", n)
		}
		for _, listeners := range []int{1, 500} {
			streams := make([]*feed.Stream, listeners)
			for i := range streams {
				s, err := live.Open(t.Context(), "", nil)
				if err != nil {
					t.Fatal(err)
				}
				streams[i] = s
			}
			<-time.After(time.Second)
			before := m.reads()
			<-time.After(time.Minute)
			if n := m.reads() - before; n < 230 || n > 250 {
				t.Errorf("%d reads in a minute with %d listeners, want one every 250 ms", n, listeners)
			}
			for _, s := range streams {
				s.Close()
			}
			<-time.After(time.Second)
			before = m.reads()
			<-time.After(time.Hour)
			if n := m.reads() - before; n > 0 {
				t.Errorf("%d reads after all have gone", n)
			}
		}
	})
}

// TestPace is about how soon an event arrives.
func TestPace(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		c := &client{stream: open(t, live, nil)}
		arrives := func(within time.Duration) {
			t.Helper()
			began := time.Now()
			c.readTo(t, c.last+1)
			if took := time.Since(began); took > within {
				t.Errorf("event %d came after %v, want at most %v", c.last, took, within)
			}
		}
		for range 50 { // at every phase of the tail's look-out
			<-time.After(1007 * time.Millisecond)
			m.add(1)
			live.Wake() // this replica's
			arrives(0)
			<-time.After(1013 * time.Millisecond)
			m.add(1) // another's
			arrives(250 * time.Millisecond)
			m.add(1) // on its heels
			live.Wake()
			arrives(10 * time.Millisecond)
		}
	})
}

// TestDenseEventsShareWrites has 1,000 events come within a second, for one listener and for a crowd.
func TestDenseEventsShareWrites(t *testing.T) {
	for _, c := range []struct{ listeners, writes int }{{1, 110}, {1000, 45}} {
		m := newMemory()
		inBubble(t, m, func(t *testing.T, live *feed.Tail) {
			for range c.listeners - 1 {
				open(t, live, nil)
			}
			follower := &client{stream: open(t, live, nil)}
			var writer sync.WaitGroup
			writer.Go(func() {
				for range 1000 {
					m.add(1)
					live.Wake()
					<-time.After(time.Millisecond)
				}
			})
			writes := 0
			for ; follower.last < 1000; writes++ {
				follower.read(t, time.Second)
			}
			writer.Wait()
			if writes > c.writes {
				t.Errorf("%d writes a second to each of %d, want at most %d", writes, c.listeners, c.writes)
			}
			if n := m.reads() - c.listeners; n > c.writes+20 {
				t.Errorf("%d reads in a second for %d", n, c.listeners)
			}
		})
	}
}

// TestEventsAreInMemoryOnce looks whether a page's events lie in the frames that streams send.
func TestEventsAreInMemoryOnce(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		s := open(t, live, nil)
		m.add(100)
		live.Wake()
		frames, err := s.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		page, err := live.Page(t.Context(), "", 0, 1, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		order := page.Events[0].Order
		if at := bytes.Index(frames, order); at < 0 || &frames[at] != &order[0] {
			t.Errorf("the first event is in memory twice: found at %d", at)
		}
		if diff := cmp.Diff(m.events[0], page.Events[0]); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	})
}

func TestFrames(t *testing.T) {
	m := newMemory()
	m.add(3)
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		a, b := open(t, live, new(int64)), open(t, live, new(int64(1)))
		text, err := a.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		first := text[:len(text)/3]
		e, err := parse(string(first[:len(first)-2]))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.events[0], e); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
		rest, err := b.Next(t.Context(), nil)
		if err != nil || &rest[0] != &text[len(first)] {
			t.Errorf("the second client has frames of its own, or an error: %v", err)
		}
	})
}

// TestStart is about where a stream begins.
func TestStart(t *testing.T) {
	m := newMemory()
	m.add(5)
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		m.set(func() { m.floor, m.events = 2, m.events[2:] })
		end := open(t, live, nil)
		if want := (store.Extent{Feed: "one", Floor: 2, Head: 5}); end.Start() != want {
			t.Errorf("start %+v, want %+v", end.Start(), want)
		}
		oldest := &client{stream: open(t, live, new(int64(2))), last: 2}
		oldest.readTo(t, 5)
		m.add(1)
		(&client{stream: end, last: 5}).readTo(t, 6)
		for _, c := range []struct {
			feed  string
			after int64
		}{{"", 1}, {"", 7}, {"two", 5}} {
			var gone *store.GoneError
			if _, err := live.Open(t.Context(), c.feed, &c.after); !errors.As(err, &gone) {
				t.Errorf("feed %q after %d: %v, want a GoneError", c.feed, c.after, err)
			}
		}
		m.set(func() { m.err = errAway })
		if _, err := live.Open(t.Context(), "", nil); !errors.Is(err, errAway) {
			t.Errorf("without a database: %v", err)
		}
	})
}

// TestLaggard reads nothing while more comes than is kept at hand.
func TestLaggards(t *testing.T) {
	m := newMemory()
	m.slow = time.Millisecond
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		var clients []*client
		for range 8 {
			clients = append(clients, &client{stream: open(t, live, nil)})
		}
		quick := &client{stream: open(t, live, nil)}
		for range 60 {
			m.add(100)
			live.Wake()
			quick.readTo(t, m.head())
		}
		var readers sync.WaitGroup
		for _, c := range clients {
			readers.Go(func() { c.readTo(t, 6000) })
		}
		readers.Wait()
		if m.max > 3 {
			t.Errorf("%d reads at a time, want the tail's and two", m.max)
		}
	})
}

func TestDatabaseAway(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		m.add(6000)
		end, behind := &client{stream: open(t, live, nil), last: 6000}, &client{stream: open(t, live, new(int64))}
		end.read(t, time.Second)
		m.set(func() { m.err = errAway })
		before := m.reads()
		beats := 0
		for range 4 {
			if end.read(t, 15*time.Second)+behind.read(t, 15*time.Second) == 0 {
				beats++
			}
		}
		if n := m.reads() - before; n > 300 || beats != 4 {
			t.Errorf("%d reads and %d heartbeats in two minutes without a database", n, beats)
		}
		m.add(10)
		m.set(func() { m.err = nil })
		began := time.Now()
		end.readTo(t, 6010)
		behind.readTo(t, 6010)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v after the database had come back", took)
		}
	})
}

// TestGap has the database show a gap: nobody may get over it.
func TestGap(t *testing.T) {
	m := newMemory()
	m.spoil = func(events []store.Event) []store.Event {
		if len(events) < 2 {
			return events
		}
		return append(events[:1], events[2:]...)
	}
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		m.add(6000)
		end, behind := &client{stream: open(t, live, nil), last: 6000}, &client{stream: open(t, live, new(int64))}
		end.read(t, time.Second)
		m.add(3)
		for range 10 {
			if end.read(t, time.Second)+behind.read(t, time.Second) > 0 {
				t.Fatal("events were handed on although some are missing")
			}
		}
		m.set(func() { m.spoil = nil })
		end.readTo(t, 6003)
		behind.readTo(t, 6003)
	})
}

// TestStreamEnds is about the reasons to end one.
func TestStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		after int64
		end   func(m *memory, live *feed.Tail)
		want  error
	}{
		"the service stops":              {6000, func(_ *memory, live *feed.Tail) { live.Drain() }, io.EOF},
		"the service stops, much to say": {0, func(_ *memory, live *feed.Tail) { live.Drain() }, io.EOF},
		"another database":               {6000, func(m *memory, _ *feed.Tail) { m.feed = "two" }, io.EOF},
		"a restored backup":              {6000, func(m *memory, _ *feed.Tail) { m.events = m.events[:5000] }, io.EOF},
		"pruned": {
			0, func(m *memory, _ *feed.Tail) { m.floor, m.events = 10, m.events[10:] },
			&store.GoneError{Reason: "events up to 10 are no longer kept"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.add(6000)
			inBubble(t, m, func(t *testing.T, live *feed.Tail) {
				waits, s := open(t, live, nil), open(t, live, &c.after)
				if frames, err := waits.Next(t.Context(), time.After(time.Second)); frames != nil || err != nil {
					t.Fatalf("before: %d bytes, %v", len(frames), err)
				}
				m.set(func() { c.end(m, live) })
				frames, err := s.Next(t.Context(), time.After(time.Second))
				if frames != nil || err == nil || err.Error() != c.want.Error() {
					t.Errorf("%d bytes and %v, want %v", len(frames), err, c.want)
				}
			})
		})
	}
}

// TestAsleep replaces the database while nobody listens: what is at hand must not reach those who come then.
func TestAsleep(t *testing.T) {
	for name, replace := range map[string]func(m *memory){
		"another database":  func(m *memory) { m.feed, m.events = "two", m.events[:20] },
		"a restored backup": func(m *memory) { m.events = m.events[:20] },
		"much has happened": func(m *memory) {},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.add(100)
			inBubble(t, m, func(t *testing.T, live *feed.Tail) {
				s, err := live.Open(t.Context(), "", nil)
				if err != nil {
					t.Fatal(err)
				}
				<-time.After(time.Second)
				s.Close()
				<-time.After(time.Second)
				m.set(func() { replace(m) })
				head := m.head()
				if len(m.events) == 100 {
					m.add(9000)
				}
				c := &client{stream: open(t, live, new(int64(10))), last: 10}
				c.readTo(t, m.head())
				if c.read(t, time.Second) != 0 || m.head() < head {
					t.Error("events came that there are not")
				}
				m.add(1)
				c.readTo(t, m.head())
			})
		})
	}
}

func TestTooMany(t *testing.T) {
	m := newMemory()
	inBubble(t, m, func(t *testing.T, live *feed.Tail) {
		for range feed.MaxListeners {
			open(t, live, nil)
		}
		_, streamErr := live.Open(t.Context(), "", nil)
		_, pageErr := live.Page(t.Context(), "", 0, 1, time.Second)
		_, watchErr := live.Watch("a")
		for _, err := range []error{streamErr, pageErr, watchErr} {
			if !errors.Is(err, feed.ErrTooMany) {
				t.Errorf("one more: %v", err)
			}
		}
	})
}

// TestFanOut has 200 clients, of which some are slow, each get all of 1,000 events that come at full speed.
func TestFanOut(t *testing.T) {
	const clients, events = 100, 500
	m := newMemory()
	live, stop := run(t.Context(), m)
	defer stop()
	var readers sync.WaitGroup
	failed := make(chan error, clients)
	for i := range clients {
		c := &client{stream: open(t, live, new(int64))}
		readers.Go(func() {
			for c.last < events {
				frames, err := c.stream.Next(t.Context(), time.After(time.Minute))
				if n, bad := c.take(frames); err != nil || bad != nil || n == 0 {
					failed <- fmt.Errorf("client %d after %d: %d events, %w", i, c.last, n, errors.Join(err, bad))
					return
				}
				if i%10 == 0 {
					<-time.After(50 * time.Millisecond)
				}
			}
		})
	}
	for range events {
		m.add(1)
		live.Wake()
	}
	readers.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}
