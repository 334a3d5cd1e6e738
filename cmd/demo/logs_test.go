package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestLinesStayWholeAndSayWhoseTheyAre(t *testing.T) {
	var out bytes.Buffer
	all, err := openLog(options{}, "", io.Discard, &out)
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, name := range []string{"shop", "gateway"} {
		log := all.of(name)
		writers.Go(func() {
			for i := range 200 {
				fmt.Fprintf(log, "line %d ", i) // in two parts, so that the other may come between
				fmt.Fprintf(log, "of %s\n", name)
			}
		})
	}
	writers.Wait()
	next := map[string]int{}
	for line := range strings.Lines(out.String()) {
		name := strings.TrimSpace(line[:8])
		if want := fmt.Sprintf("%-8s | line %d of %s\n", name, next[name], name); line != want {
			t.Fatalf("line %q, want %q", line, want)
		}
		next[name]++
	}
	if next["shop"] != 200 || next["gateway"] != 200 {
		t.Errorf("lines by part: %v, want 200 each", next)
	}
}
