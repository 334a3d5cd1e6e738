package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load sends webhooks for ever new orders over so many connections, each one after the other, for the duration. It
// speaks HTTP/1.1 by hand, so that the generator takes little of the machine that it measures.
func load(ctx context.Context, hookURL string, connections int, duration time.Duration, run string) (float64, error) {
	u, err := url.Parse(hookURL)
	if err != nil {
		return 0, fmt.Errorf("parse %s: %w", hookURL, err)
	}
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var answered atomic.Int64
	failed := make(chan error, connections)
	var senders sync.WaitGroup
	start := time.Now()
	for n := range connections {
		senders.Go(func() {
			if err := send(ctx, u, fmt.Sprintf("%s-%d", run, n), &answered); err != nil {
				failed <- err
			}
		})
	}
	senders.Wait()
	elapsed := time.Since(start)
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(answered.Load()) / elapsed.Seconds(), nil
	}
}

// send is one connection's share.
func send(ctx context.Context, u *url.URL, sender string, answered *atomic.Int64) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for n := 0; ctx.Err() == nil; n++ {
		body := `{"event":"status_changed","order_id":"` + sender + "-" + strconv.Itoa(n) + `"}`
		_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\n\r\n%s", u.Path, u.Host, len(body), body)
		if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		if err := readAnswer(answers); err != nil {
			return err
		}
		answered.Add(1)
	}
	return nil
}

// readAnswer reads one answer, which must be a 200 with a length.
func readAnswer(r *bufio.Reader) error {
	status, err := r.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	if !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		return fmt.Errorf("a webhook was answered %q", strings.TrimSpace(status))
	}
	length := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		if line == "\r\n" {
			break
		}
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return fmt.Errorf("read an answer: %w", err)
			}
		}
	}
	if _, err := r.Discard(length); err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	return nil
}
