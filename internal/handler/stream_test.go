package handler_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/store"
)

// listening is a client of the stream, with what it knows from it.
type listening struct {
	res    *http.Response
	lines  *bufio.Scanner
	lastID string // as the HTML standard has a client keep it
}

// listen connects to the stream. headers are names and values in turn.
func (w *world) listen(t *testing.T, query string, headers ...string) *listening {
	t.Helper()
	// Ends with the bubble: a connection that is still open would keep it from ending.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/v1/events/stream"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the stream was answered %s", res.Status)
	}
	l := &listening{res: res, lines: bufio.NewScanner(res.Body)}
	l.lines.Buffer(nil, 1<<20)
	return l
}

// next reads up to the next event and returns its type, or a comment. Both are empty at the end.
func (l *listening) next() (event, comment string) {
	for l.lines.Scan() {
		line := l.lines.Text()
		if text, ok := strings.CutPrefix(line, ": "); ok {
			return "", text
		}
		if text, ok := strings.CutPrefix(line, "id: "); ok {
			l.lastID = text
		}
		if text, ok := strings.CutPrefix(line, "event: "); ok {
			event = text
		}
		if line == "" && event != "" {
			return event, ""
		}
	}
	return "", ""
}

// begins reads the stream's first block.
func (l *listening) begins(t *testing.T, head int64) {
	t.Helper()
	if _, comment := l.next(); comment != fmt.Sprintf("feed f head %d", head) {
		t.Errorf("the stream begins with %q, want the feed and its head %d", comment, head)
	}
}

// wants reads events up to a position, without gap, and returns when the last one came.
func (l *listening) wants(t *testing.T, from, to int64) time.Time {
	t.Helper()
	for seq := from; seq <= to; seq++ {
		if event, comment := l.next(); event != "order.paid" || l.lastID != strconv.FormatInt(seq, 10) {
			t.Fatalf("event %q with id %s, comment %q; want event %d", event, l.lastID, comment, seq)
		}
	}
	return time.Now()
}

// TestStreamBeginsAtOnce wants the headers before anything happens, a sign of life every 15 seconds, and that all that
// outlives the times which are for ordinary requests.
func TestStreamBeginsAtOnce(t *testing.T) {
	g := &growing{}
	g.add(3, id)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		began := time.Now()
		l := w.listen(t, "")
		for name, want := range map[string]string{
			"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
			"X-Content-Type-Options": "nosniff",
		} {
			if got := l.res.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if l.res.Header.Get("X-Request-Id") == "" {
			t.Error("the stream has no X-Request-Id")
		}
		l.begins(t, 3)
		if took := time.Since(began); took > 0 {
			t.Errorf("the stream began after %v", took)
		}
		for beat := range 8 {
			_, comment := l.next()
			if got, want := time.Since(began), time.Duration(beat+1)*15*time.Second; comment != "alive" || got != want {
				t.Errorf("comment %q after %v, want a sign of life after %v", comment, got, want)
			}
		}
		g.add(1, id)
		w.live.Wake()
		came := l.wants(t, 4, 4)
		if took := came.Sub(began); took > 120*time.Second {
			t.Errorf("an event of this replica came %v late", took-120*time.Second)
		}
	})
}

// TestStreamPlaces is about where a stream goes on.
func TestStreamPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		query   string
		headers []string
		first   int64
	}{
		"at the end":              {"", nil, 6},
		"after a position":        {"?after=2", nil, 3},
		"from the beginning":      {"?after=0&feed=f", nil, 1},
		"after the end":           {"?after=5", nil, 6},
		"after what was sent":     {"", []string{"Last-Event-ID", "4"}, 5},
		"what was sent wins":      {"?after=1", []string{"Last-Event-ID", "4"}, 5},
		"what was sent, nothing":  {"?after=3", []string{"Last-Event-ID", "0"}, 1},
		"an empty header is none": {"?after=3", []string{"Last-Event-ID", ""}, 4},
		"in a wrong place before": {"?after=99", []string{"Last-Event-ID", "3"}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			g := &growing{}
			g.add(5, id)
			inWorld(t, g.fake(), func(t *testing.T, w *world) {
				l := w.listen(t, c.query, c.headers...)
				l.begins(t, 5)
				g.add(2, id)
				l.wants(t, c.first, 7)
			})
		})
	}
}

// TestStreamResumesWithoutAnEvent cuts a client off that has no position and was sent no event. It has to know where
// to go on all the same, or it would miss what happens before it is back.
func TestStreamResumesWithoutAnEvent(t *testing.T) {
	g := &growing{}
	g.add(5, id)
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		l := w.listen(t, "")
		l.begins(t, 5)
		if _, comment := l.next(); comment != "alive" {
			t.Fatalf("comment %q", comment)
		}
		if l.lastID != "5" {
			t.Fatalf("the client's last id is %q, want the position that the stream started after", l.lastID)
		}
		l.res.Body.Close()
		g.add(1, id)
		again := w.listen(t, "", "Last-Event-ID", l.lastID)
		again.begins(t, 6)
		again.wants(t, 6, 6)
	})
}

// TestStreamIsRefused wants a problem, and not a stream, where there is nothing to stream from.
func TestStreamIsRefused(t *testing.T) {
	g := &growing{floor: 10}
	g.add(5, id)
	s := start(t, config(), g.fake())
	for _, c := range []struct {
		query, lastID string
		status        int
		code, says    string
	}{
		{"?after=9", "", http.StatusGone, "gone", "events up to 10 are no longer kept"},
		{"?after=16", "", http.StatusGone, "gone", "the feed ends at 15"},
		{"?after=12", "16", http.StatusGone, "gone", "the feed ends at 15"},
		{"?feed=g", "", http.StatusGone, "gone", "another feed"},
		{"", "x", http.StatusUnprocessableEntity, "invalid", "header.Last-Event-ID"},
		{"", "-1", http.StatusUnprocessableEntity, "invalid", "header.Last-Event-ID"},
		{"", "9223372036854775808", http.StatusUnprocessableEntity, "invalid", "header.Last-Event-ID"},
		{"?after=x", "", http.StatusUnprocessableEntity, "invalid", "query.after"},
		{"?after=+1", "", http.StatusUnprocessableEntity, "invalid", "query.after"},
		{"?after=", "", http.StatusUnprocessableEntity, "invalid", "query.after"},
		{"?after=1&after=2", "", http.StatusUnprocessableEntity, "invalid", "query.after"},
		{"?limit=1", "", http.StatusUnprocessableEntity, "invalid", "query.limit"},
		{"?wait=1s", "", http.StatusUnprocessableEntity, "invalid", "query.wait"},
	} {
		p := wantProblem(t, s.get("/v1/events/stream"+c.query, "Last-Event-ID", c.lastID), c.status, c.code)
		if detail, _ := p["detail"].(string); !strings.Contains(detail, c.says) {
			t.Errorf("%s, last id %q: %q does not say %q", c.query, c.lastID, detail, c.says)
		}
	}
	wantProblem(t, s.do("GET", "/v1/events/stream", ""), http.StatusUnauthorized, "unauthorized")
	for err, code := range map[error]string{
		errors.New(inner):                 "internal",
		&pgconn.PgError{Code: "57P03"}:    "database_unavailable",
		context.DeadlineExceeded:          "database_unavailable",
		&store.GoneError{Reason: "it is"}: "gone",
	} {
		status := map[string]int{"internal": 500, "database_unavailable": 503, "gone": 410}[code]
		wantProblem(t, start(t, config(), failing(err)).get("/v1/events/stream"), status, code)
	}
}

// TestStreamHead answers a HEAD with the headers, and ends.
func TestStreamHead(t *testing.T) {
	s := start(t, config(), (&growing{}).fake())
	a := s.do("HEAD", "/v1/events/stream", "", "Authorization", "Bearer "+reader)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" || len(a.body) > 0 {
		t.Errorf("HEAD: %s %s, %d bytes", a.Status, a.Header.Get("Content-Type"), len(a.body))
	}
}

// TestSlowClientIsDropped has one client of twenty read no event. It delays none of the others, is dropped after ten
// seconds, and goes on later where it was.
func TestSlowClientIsDropped(t *testing.T) {
	g := &growing{}
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		stuck := w.dialStream(t)
		defer stuck.Close()
		var others []*listening
		for range 19 {
			l := w.listen(t, "")
			l.begins(t, 0)
			others = append(others, l)
		}
		synctest.Wait()
		if n := w.gauge(t, "webhookd_stream_clients"); n != 20 {
			t.Fatalf("%v clients are counted, want 20", n)
		}
		began := time.Now()
		const rounds, each = 60, 40 // 200 events a second for 12 seconds
		for round := range rounds {
			g.add(each, id)
			w.live.Wake()
			wrote := time.Now()
			var readers sync.WaitGroup
			for _, l := range others {
				readers.Go(func() {
					if took := l.wants(t, int64(round*each+1), int64((round+1)*each)).Sub(wrote); took > 25*time.Millisecond {
						t.Errorf("round %d came after %v", round, took)
					}
				})
			}
			readers.Wait()
			<-time.After(200*time.Millisecond - time.Since(wrote))
			dropped := w.gauge(t, "webhookd_stream_clients") == 19
			if after := time.Since(began); after != 10*time.Second && dropped != (after > 10*time.Second) {
				t.Fatalf("after %v the client that reads nothing is dropped: %v; want it after 10 s", after, dropped)
			}
		}
		if _, err := io.Copy(io.Discard, stuck); err != nil {
			t.Errorf("the dropped client's connection: %v, want it closed", err)
		}
		again := w.listen(t, "", "Last-Event-ID", "0")
		again.begins(t, rounds*each)
		again.wants(t, 1, rounds*each)
	})
}

// dialStream opens the stream on a connection of its own, and reads no more of it than its first block.
func (w *world) dialStream(t *testing.T) net.Conn {
	t.Helper()
	conn, err := w.listener.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /v1/events/stream HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var read bytes.Buffer
	for !strings.Contains(read.String(), "id: 0\n\n\r\n") {
		if _, err := io.CopyN(&read, conn, 1); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// gauge is the value of a figure without labels.
func (w *world) gauge(t *testing.T, name string) float64 {
	t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

// TestStreamsEndWhenTheServiceStops wants them to end well, so that the clients come back at once.
func TestStreamsEndWhenTheServiceStops(t *testing.T) {
	g := &growing{}
	inWorld(t, g.fake(), func(t *testing.T, w *world) {
		l := w.listen(t, "?after=0")
		l.begins(t, 0)
		w.live.Drain()
		rest, err := io.ReadAll(l.res.Body)
		if err != nil || len(bytes.TrimSpace(rest)) > 0 {
			t.Errorf("the stream ended with %q, %v", rest, err)
		}
	})
}
