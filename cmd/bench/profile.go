package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// profileWhile takes profiles of the service while f runs for the duration, if -profile asks for them: NAME.cpu,
// NAME.allocs and NAME.heap in its folder, for go tool pprof.
func (b *bench) profileWhile(ctx context.Context, c *child, name string, f func() error) error {
	if b.profile == "" {
		return f()
	}
	taken := make(chan error, 1)
	seconds := strconv.Itoa(max(1, int(b.duration/time.Second)))
	go func() { taken <- b.keepProfile(ctx, c, "profile?seconds="+seconds, name+".cpu") }()
	if err := f(); err != nil {
		return err
	}
	if err := <-taken; err != nil {
		return err
	}
	for _, kind := range []string{"allocs", "heap"} {
		if err := b.keepProfile(ctx, c, kind, name+"."+kind); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) keepProfile(ctx context.Context, c *child, kind, file string) error {
	out, err := os.Create(filepath.Join(b.profile, file))
	if err != nil {
		return fmt.Errorf("keep a profile: %w", err)
	}
	defer out.Close()
	return get(ctx, http.DefaultClient, c.admin+"/debug/pprof/"+kind, io.Writer(out))
}
