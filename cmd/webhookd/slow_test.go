package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSlowSendersShutOutNobody has six hundred clients open connections to a service that has room for three hundred,
// and say nothing, or say it byte by byte and without end. Meanwhile webhooks are answered as always.
func TestSlowSendersShutOutNobody(t *testing.T) {
	r := newRig(t)
	// Of 400 files a quarter is for the database and the gateway.
	s := r.launchBy(t, exec.Command("/bin/sh", "-c", `ulimit -n 400 && exec "$0" serve`, os.Args[0]))
	s.ready(t)
	ctx, leave := context.WithCancel(t.Context())
	var senders sync.WaitGroup
	defer senders.Wait()
	defer leave()
	var opened, cut atomic.Int64
	for n := range 600 {
		senders.Go(func() { dribble(ctx, s, n, &opened, &cut) })
	}
	eventually(t, "the service has more connections than it has room for", func() bool { return cut.Load() > 300 })

	var took []time.Duration
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for n := range 200 {
		began := time.Now()
		res, err := client.Post(s.hookURL(), "application/json", strings.NewReader(fmt.Sprintf(`{"order_id":"order-%d"}`, n)))
		if err != nil { // where this machine is slow to write a request, its connection may be the one that gives way
			t.Logf("webhook %d: %v", n, err)
			took = append(took, patience)
			continue
		}
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("webhook was answered %d", res.StatusCode)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("%d connections opened, %d cut off; most of 200 webhooks took no more than %s, the slowest %s",
		opened.Load(), cut.Load(), took[100], took[199])
	if took[180] > 4*time.Second { // a machine under load may hold up some
		t.Errorf("many webhooks took %s or more: the gateway had gone", took[180])
	}
	for path, want := range map[string]int{"/readyz": 200, "/metrics": 200} {
		if code := s.status(t, s.admin+path); code != want {
			t.Errorf("%s is answered %d", path, code)
		}
	}
	if metrics := s.metrics(t); !strings.Contains(metrics, `webhookd_connections_dropped_total{listener="public",reason="displaced"}`) {
		t.Error("the figures do not tell")
	}
}

// dribble opens a connection, and another whenever that is closed, and is slow on it in one of several ways.
func dribble(ctx context.Context, s *instance, n int, opened, cut *atomic.Int64) {
	// Where this machine has more than one address of its own, the senders come from several.
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+n%6))}}
	for ctx.Err() == nil {
		conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			dialer.LocalAddr = nil
			pause(ctx, 50*time.Millisecond)
			continue
		}
		opened.Add(1)
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		speakSlowly(ctx, conn, n%4)
		stop()
		conn.Close()
		if ctx.Err() == nil {
			cut.Add(1)
		}
		pause(ctx, 500*time.Millisecond)
	}
}

// speakSlowly returns when the other side has had enough.
func speakSlowly(ctx context.Context, conn net.Conn, how int) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn)
	}()
	defer func() {
		conn.Close()
		<-gone
	}()
	begin, drop := "", ""
	switch how {
	case 1:
		begin, drop = "POST /webhooks/costplus HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"
	case 2:
		begin, drop = "POST /webhooks/costplus/"+hookToken+" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"
	case 3:
		begin, drop = "POST /webhooks/costplus/wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", " "
	}
	if _, err := io.WriteString(conn, begin); err != nil {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, err := io.WriteString(conn, drop); err != nil {
				return
			}
		case <-gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
