package main

import (
	"context"
	"fmt"
	"time"
)

// pause waits for d, and reports whether ctx lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// until waits for something to come true.
func until(ctx context.Context, limit time.Duration, came func() bool) error {
	for end := time.Now().Add(limit); !came(); {
		switch {
		case time.Now().After(end):
			return fmt.Errorf("not within %s", limit)
		case !pause(ctx, 5*time.Millisecond):
			return ctx.Err()
		}
	}
	return nil
}
