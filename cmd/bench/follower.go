package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// stamped returns an order id that says when its webhook was to be sent.
func stamped(run string, due time.Time) string {
	return run + "-" + strconv.FormatInt(due.UnixNano(), 10)
}

// stamp reads the time of a stamped id; false if it is none.
func stamp(id []byte) (time.Time, bool) {
	i := bytes.LastIndexByte(id, '-')
	n, err := strconv.ParseInt(string(id[i+1:]), 10, 64)
	return time.Unix(0, n), err == nil && i > 0
}

// dialStream opens the event stream at its end, and returns once the headers are there.
func dialStream(ctx context.Context, base string) (net.Conn, *bufio.Reader, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, nil, fmt.Errorf("parse %s: %w", base, err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, nil, fmt.Errorf("open a stream: %w", err)
	}
	fmt.Fprintf(conn, "GET /v1/events/stream HTTP/1.1\r\nHost: %s\r\n\r\n", u.Host)
	lines := bufio.NewReaderSize(conn, 64<<10)
	status, err := lines.ReadString('\n')
	if err == nil && !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		err = errors.New(strings.TrimSpace(status))
	}
	for line := ""; err == nil && !strings.HasPrefix(line, ": feed"); {
		line, err = lines.ReadString('\n')
	}
	if err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("open a stream: %w", err)
	}
	return conn, lines, nil
}

// readEvents reads a stream until it ends, and has seen hear of each event's position and order.
func readEvents(lines *bufio.Reader, seen func(seq int64, orderID []byte)) error {
	member := []byte(`"order_id":"`)
	seq := int64(0)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		if text, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
			if seq, err = strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err != nil {
				return fmt.Errorf("read an id: %w", err)
			}
		}
		if !bytes.HasPrefix(line, []byte("data: ")) {
			continue
		}
		_, rest, _ := bytes.Cut(line, member)
		id, _, _ := bytes.Cut(rest, []byte(`"`))
		seen(seq, id)
	}
}

// follow reads the stream on a connection of its own until ctx ends.
func follow(ctx context.Context, base string, seen func(seq int64, orderID []byte)) (wait func() error, err error) {
	conn, lines, err := dialStream(ctx, base)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	done := make(chan error, 1)
	go func() {
		defer stop()
		defer conn.Close()
		done <- readEvents(lines, seen)
	}()
	return func() error {
		if err := <-done; ctx.Err() == nil {
			return fmt.Errorf("a stream ended: %w", err)
		}
		return nil
	}, nil
}
