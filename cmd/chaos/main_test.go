package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webhookd/internal/chaos"
)

// TestShortRounds is the suite in short: the service is killed, deployed and cut off from its database and its gateway
// under load, and keeps its promises. `make chaos` runs it at length.
func TestShortRounds(t *testing.T) {
	if testing.Short() {
		t.Skip("rounds take half a minute")
	}
	binary := filepath.Join(t.TempDir(), "webhookd")
	if err := chaos.Build(t.Context(), binary, false); err != nil {
		t.Fatal(err)
	}
	for _, only := range [][]string{
		{"kill", "connections-cut", "gateway-mixed"},
		{"deploy", "webhooks-lost", "webhooks-forged"},
	} {
		t.Run(strings.Join(only, "+"), func(t *testing.T) {
			r, err := chaos.Run(t.Context(), chaos.Config{Binary: binary, Seed: 11, Load: 4 * time.Second, Only: only})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Error(f)
			}
			if r.Counts["events"] == 0 || r.Counts["payments"] == 0 {
				t.Errorf("nothing happened: %v", r.Counts)
			}
		})
	}
}

func TestUse(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"-list", 0, "postgres-crash"},
		{"-only no-such-fault", 2, `no fault "no-such-fault"`},
		{"-rounds 0", 2, "wrong use"},
		{"-duration 0s", 2, "wrong use"},
		{"more", 2, "wrong use"},
	} {
		t.Run(c.args, func(t *testing.T) {
			var said bytes.Buffer
			if status := run(t.Context(), strings.Fields(c.args), &said, &said); status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if !strings.Contains(said.String(), c.says) {
				t.Errorf("said %q, want %q in it", &said, c.says)
			}
		})
	}
}
