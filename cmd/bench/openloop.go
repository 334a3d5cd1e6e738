package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"time"
)

// sendAt sends so many webhooks a second for the duration, whether or not the earlier ones are answered: a slow answer
// makes none of them late in the figures but itself. Each is about an order of its own, whose id says when it was due.
// It returns how many were answered 200.
func sendAt(ctx context.Context, hookURL string, perSecond int, duration time.Duration, run string) (int, error) {
	const senders = 32
	due := make(chan time.Time, perSecond*int(1+duration/time.Second))
	start := time.Now().Add(50 * time.Millisecond)
	step := time.Second / time.Duration(perSecond)
	for n := range int(duration / step) {
		due <- start.Add(time.Duration(n) * step)
	}
	total := len(due)
	close(due)
	failed := make(chan error, senders)
	for range senders {
		go func() { failed <- sendDue(ctx, hookURL, run, due) }()
	}
	var first error
	for range senders {
		if err := <-failed; err != nil && first == nil {
			first = err
		}
	}
	return total, first
}

// sendDue is one connection's share.
func sendDue(ctx context.Context, hookURL, run string, due <-chan time.Time) error {
	u, err := url.Parse(hookURL)
	if err != nil {
		return fmt.Errorf("parse %s: %w", hookURL, err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for at := range due {
		if !pause(ctx, time.Until(at)) {
			return ctx.Err()
		}
		if err := writeWebhook(conn, u, stamped(run, at)); err != nil {
			return err
		}
		if err := readAnswer(answers); err != nil {
			return err
		}
	}
	return nil
}
