package week_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"webhookd/internal/pgdev"
	"webhookd/internal/week"
)

var (
	orders = flag.Int("orders", 0, "play the whole week with so many orders, in place of some hours with a few")
	out    = flag.String("out", "", "folder for the figures and the plot")
	whole  = flag.String("whole", "", "file to keep all of the result in")
	redraw = flag.String("redraw", "", "file that -whole has left: draw it again, and run nothing")
	dir    = flag.String("dir", "", "folder for Postgres; without it, it is kept in memory")
)

// TestMain draws again what an earlier run has left, if that is asked for, in place of running the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	if *redraw == "" {
		os.Exit(m.Run())
	}
	if err := draw(*redraw, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func draw(from, folder string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var r week.Result
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	return r.Write(folder)
}

// TestWeek holds what the service knows in the end against the gateway's truth, order by order.
func TestWeek(t *testing.T) {
	o := week.Short(1000)
	if *orders > 0 {
		o = week.Week(*orders)
		o.Progress = os.Stderr
	}
	db := database(t)
	var result *week.Result
	synctest.Test(t, func(t *testing.T) {
		var err error
		if result, err = week.Run(t.Context(), o, db); err != nil {
			t.Fatal(err)
		}
	})
	if !result.Verdict.Good() {
		t.Errorf("the service's knowledge differs from the gateway's truth: %+v", *result.Verdict)
	}
	summary, err := json.MarshalIndent(result.Summary(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", summary)
	if *out == "" {
		return
	}
	if err := result.Write(*out); err != nil {
		t.Fatal(err)
	}
	keep(t, result)
}

// keep leaves all of the result in a file, if one is named, for -redraw.
func keep(t *testing.T, r *week.Result) {
	if *whole == "" {
		return
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*whole, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// database starts a server for the test.
func database(t *testing.T) week.Database {
	o := pgdev.Options{Settings: week.Settings()}
	if *dir != "" {
		folder, err := os.MkdirTemp(*dir, "week-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(folder) })
		if err := os.Chmod(folder, 0o755); err != nil { // Postgres runs as somebody else
			t.Fatal(err)
		}
		o.Dir = filepath.Join(folder, "postgres")
	}
	server, err := pgdev.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	db, err := week.Prepare(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
