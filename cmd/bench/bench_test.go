package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/pgdev/pgtest"
	"webhookd/internal/store"
)

var pg = pgtest.Template{Migrate: func(ctx context.Context, url string) error {
	_, err := store.Migrate(ctx, url)
	return err
}}

// TestMain lets this program stand in for the rivals that bench starts: itself, with -rival.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-rival" {
		main()
		return
	}
	os.Exit(pg.Main(m))
}

// TestEndToEnd runs all sections but the claims, which want a million orders: with the real service, on a real
// Postgres. What they measure on a busy machine means nothing.
func TestEndToEnd(t *testing.T) {
	var out strings.Builder
	sections := "rest,idle,intake,jobs,latency,streams"
	err := run(t.Context(), []string{
		"-only", sections, "-duration", "200ms", "-rounds", "1", "-clients", "5", "-connections", "4", "-dir", os.TempDir(),
	}, os.Environ(), &out, io.Discard)
	if err != nil {
		t.Fatalf("%v after\n%s", err, out.String())
	}
	for _, want := range []string{
		"start to ready", "statements and", "webhookd is", "orders a second", "webhook to visible", "0 out of order",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestUnknownSection(t *testing.T) {
	err := run(t.Context(), []string{"-only", "rest,tea"}, nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"tea"`) {
		t.Errorf("a section that there is not: %v", err)
	}
}

func TestQuantiles(t *testing.T) {
	none := &times{}
	if q := none.quantiles(0.5); q[0] != 0 {
		t.Errorf("of nothing: %v", q)
	}
	hundred := &times{}
	for i := range 100 {
		hundred.add(time.Duration(100 - i))
	}
	got := hundred.quantiles(0, 0.5, 0.99, 0.991, 1)
	if want := []time.Duration{1, 50, 99, 100, 100}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("of 1 to 100: %v, want %v", got, want)
	}
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Errorf("median %v", m)
	}
}

// TestOpenLoop has a server that answers late: the webhooks must come in time all the same.
func TestOpenLoop(t *testing.T) {
	var came, late atomic.Int64
	var worst atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		due, ok := stamp(orderIn(body))
		if err != nil || !ok {
			late.Add(1)
		}
		came.Add(1)
		for lag := int64(time.Since(due)); ; {
			before := worst.Load()
			if lag <= before || worst.CompareAndSwap(before, lag) {
				break
			}
		}
		pause(r.Context(), 50*time.Millisecond)
		fmt.Fprint(w, "ok")
	}))
	defer server.Close()
	sent, err := sendAt(t.Context(), server.URL+"/hook", 100, time.Second, "test")
	if err != nil || sent != 100 || came.Load() != 100 || late.Load() != 0 {
		t.Fatalf("%d sent, %d came, %d without a stamp: %v", sent, came.Load(), late.Load(), err)
	}
	// In a closed loop the last would come seconds late.
	if lag := time.Duration(worst.Load()); lag > 2*time.Second {
		t.Errorf("a webhook came %s late", lag)
	}
}

func orderIn(body []byte) []byte {
	_, rest, _ := strings.Cut(string(body), `"order_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return []byte(id)
}

func TestLoadCountsAnswers(t *testing.T) {
	var came atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		came.Add(1)
		fmt.Fprint(w, "ok")
	}))
	defer server.Close()
	got, err := load(t.Context(), server.URL+"/hook", 3, 50*time.Millisecond, "test")
	if err != nil || int64(got.answered) != came.Load() || got.answered == 0 || got.elapsed < 50*time.Millisecond {
		t.Errorf("%+v, and %d came: %v", got, came.Load(), err)
	}
}

func TestLoadStopsAtARefusal(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := load(t.Context(), server.URL+"/hook", 2, time.Minute, "test")
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("error %v", err)
	}
}

func TestReadAnswer(t *testing.T) {
	for text, good := range map[string]bool{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":                true,
		"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n\r\n":          true,
		"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n": false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok":                false,
		"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n":               false,
		"": false,
	} {
		if err := readAnswer(bufio.NewReader(strings.NewReader(text))); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestStamp(t *testing.T) {
	at := time.Unix(1_700_000_000, 123)
	if got, ok := stamp([]byte(stamped("a-run", at))); !ok || !got.Equal(at) {
		t.Errorf("%v, %v, want %v", got, ok, at)
	}
	for _, id := range []string{"", "order", "-17", "order-x"} {
		if _, ok := stamp([]byte(id)); ok {
			t.Errorf("%q is taken for stamped", id)
		}
	}
}

// TestFollow reads a stream with a comment, a long event and one that is cut off.
func TestFollow(t *testing.T) {
	long := strings.Repeat("x", 20_000)
	here, there := net.Pipe()
	go func() {
		fmt.Fprintf(there, ": alive\n\nid: 7\nevent: order.paid\n"+`data: {"seq":7,"order_id":"a-1","text":%q}`+"\n\n", long)
		fmt.Fprint(there, "id: 8\nevent: order.paid\ndata: {\"seq\":8,\"order_id\":\"b-2\"}\n\nid: 9\n")
		there.Close()
	}()
	var seen []string
	err := readEvents(bufio.NewReaderSize(here, 64<<10), func(seq int64, id []byte) {
		seen = append(seen, fmt.Sprintf("%d %s", seq, id))
	})
	if want := "[7 a-1 8 b-2]"; !errors.Is(err, io.EOF) || fmt.Sprint(seen) != want {
		t.Errorf("read %v, %v, want %s and the end", seen, err, want)
	}
}

func TestCrowdNoticesGaps(t *testing.T) {
	c := newCrowd(1)
	for _, seq := range []int64{5, 6, 8, 8, 9} {
		c.clients[0].see(seq, []byte(stamped("run", time.Now())))
	}
	if wrong, n := c.wrong.Load(), c.took().count(); wrong != 2 || n != 5 {
		t.Errorf("%d of %d events are wrong, want 2 of 5", wrong, n)
	}
}

func TestServerLog(t *testing.T) {
	var out strings.Builder
	l := &serverLog{to: &out}
	for _, part := range []string{
		"2026 [1] LOG:  statement: select\n\tx\n2026 [1] LO", "G:  execute stmtcache_1: selec",
		"t 1\n2026 [1] DETAIL:  parameters\n",
		"2026 [1] LOG:  checkpoint starting\n2026 [1] ERROR:  no such table\n",
	} {
		if n, err := l.Write([]byte(part)); err != nil || n != len(part) {
			t.Fatal(n, err)
		}
	}
	if got, want := out.String(), "2026 [1] ERROR:  no such table\n"; l.statements() != 2 || got != want {
		t.Errorf("%d statements, and %q is passed on, want 2 and %q", l.statements(), got, want)
	}
}

func TestParseTime(t *testing.T) {
	got, err := parseTime("17 (a) b (c)) S 4 5 6 7 8 9 10 11 12 13 150 50 20 30 14 15")
	if want := (procTime{4, 2 * time.Second, 500 * time.Millisecond}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for _, text := range []string{"", "17 (x) S 1", "17 (x) S a b c d e f g h i j k l m n o p"} {
		if _, err := parseTime(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	u := usage{at: time.Unix(10, 0), server: time.Second}
	later := usage{at: time.Unix(12, 0), server: 2 * time.Second, postgres: 3 * time.Second}
	if c := later.since(u); c != (cores{0.5, 1.5, 0}) {
		t.Errorf("cores %+v", c)
	}
}

func TestMemory(t *testing.T) {
	status := []byte("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t1024 kB\n")
	if n, err := memory(status, "VmHWM"); err != nil || n != 2<<20 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := memory(status, "VmSwap"); err == nil {
		t.Error("a figure that is not there is read")
	}
}

func TestShare(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "# HELP x\nwebhookd_hint_batch_size_sum 120\nwebhookd_hint_batch_size_count 10\n"+
			"webhookd_commit_seconds_sum{kind=\"hints\"} 0.5\n")
	}))
	defer server.Close()
	s, err := readShare(t.Context(), server.URL, time.Second)
	if err != nil || s.batch() != 12 || s.busy() != 0.5 {
		t.Errorf("%+v: %v", s, err)
	}
}

// TestClaims measures claims among few orders.
func TestClaims(t *testing.T) {
	for _, spread := range []bool{false, true} {
		u := pg.New(t)
		if err := fillChecks(t.Context(), u, 20_000, unsettled, spread); err != nil {
			t.Fatal(err)
		}
		took, err := timeClaims(t.Context(), u)
		if err != nil || took.count() != claimRound {
			t.Errorf("claims, spread %t: %v, %v", spread, took, err)
		}
	}
}

// TestStub reads an order as the service would.
func TestStub(t *testing.T) {
	s := newStub(false)
	defer s.Close()
	var out strings.Builder
	if err := get(t.Context(), s.Client(), s.URL+"/v1/orders/"+url.PathEscape("order-1")+"/", &out); err != nil {
		t.Fatal(err)
	}
	doc, err := nopayn.ParseOrder([]byte(out.String()))
	if err != nil || doc.ID != "order-1" || doc.Status != "completed" || len(doc.Transactions) != 1 {
		t.Errorf("%+v: %v", doc, err)
	}
}
