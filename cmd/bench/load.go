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

// sent is what a load came to.
type sent struct {
	answered int // webhooks, each with 200
	elapsed  time.Duration
}

func (s sent) rate() float64 { return float64(s.answered) / s.elapsed.Seconds() }

// load sends webhooks for ever new orders over so many connections, each one after the other, for the duration. It
// speaks HTTP/1.1 by hand, so that the generator takes little of the machine that it measures.
func load(ctx context.Context, hookURL string, connections int, duration time.Duration, run string) (sent, error) {
	u, err := url.Parse(hookURL)
	if err != nil {
		return sent{}, fmt.Errorf("parse %s: %w", hookURL, err)
	}
	conns, err := connect(ctx, u, connections)
	defer closeAll(conns)
	if err != nil {
		return sent{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var answered atomic.Int64
	failed := make(chan error, connections)
	var senders sync.WaitGroup
	start := time.Now()
	for n, conn := range conns {
		senders.Go(func() {
			if err := send(ctx, conn, u, fmt.Sprintf("%s-%d", run, n), &answered); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	senders.Wait()
	elapsed := time.Since(start)
	select {
	case err := <-failed:
		return sent{}, err
	default:
		return sent{int(answered.Load()), elapsed}, nil
	}
}

func connect(ctx context.Context, u *url.URL, connections int) (conns []net.Conn, err error) {
	for range connections {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
		if err != nil {
			return conns, fmt.Errorf("connect: %w", err)
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

func closeAll(conns []net.Conn) {
	for _, conn := range conns {
		conn.Close()
	}
}

// send is one connection's share.
func send(ctx context.Context, conn net.Conn, u *url.URL, sender string, answered *atomic.Int64) error {
	answers := bufio.NewReader(conn)
	for n := 0; ctx.Err() == nil; n++ {
		if err := writeWebhook(conn, u, sender+"-"+strconv.Itoa(n)); err != nil {
			return err
		}
		if err := readAnswer(answers); err != nil {
			return err
		}
		answered.Add(1)
	}
	return nil
}

// writeWebhook sends one webhook and does not wait for its answer.
func writeWebhook(conn net.Conn, u *url.URL, id string) error {
	body := `{"event":"status_changed","order_id":"` + id + `"}`
	_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n%s", u.Path, u.Host, len(body), body)
	if err != nil {
		return fmt.Errorf("send: %w", err)
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
