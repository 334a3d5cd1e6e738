package pgdev_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/pgdev"
	"webhookd/internal/pgdev/pgtest"
)

const diskMB = 150

// startOnDisk starts a server on a disk of its own, or leaves the test out.
func startOnDisk(t *testing.T) *pgdev.Server {
	t.Helper()
	s, err := pgdev.Start(t.Context(), pgdev.Options{DiskMB: diskMB})
	if errors.Is(err, pgdev.ErrNoDisk) {
		pgtest.LeaveOut(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := startOnDisk(t)
	data := query[string](t, s, "show data_directory")
	execute(t, s, "create unlogged table filled (t text)") // no log is written, which would end the server
	if err := s.FillDisk(); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	const fill = `insert into filled select repeat('x', 1000) from generate_series(1, 20000)`
	var pg *pgconn.PgError
	if _, err := conn.Exec(t.Context(), fill); !errors.As(err, &pg) || pg.Code != "53100" {
		t.Errorf("a write to a full disk: %v, want SQLSTATE 53100", err)
	}
	if err := s.EmptyDisk(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), fill); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Stop, data folder: %v, want it gone", err)
	}
	if err := start(t, pgdev.Options{}).FillDisk(); err == nil {
		t.Error("a disk was filled that is not the cluster's own")
	}
}

func TestStartUnmountsWhatDeadProcessesLeft(t *testing.T) {
	if err := startOnDisk(t).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	tmp := folder(t)
	p := startParent(t, "disk", tmp)
	p.kill(t)
	t.Setenv("TMPDIR", tmp)
	dead := filepath.Dir(p.data)
	old := time.Now().Add(-2 * pgdev.SettlingTime)
	if err := os.Chtimes(dead, old, old); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the dead parent's disk is gone", func() bool {
		if err := start(t, pgdev.Options{}).Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(dead)
		return errors.Is(err, os.ErrNotExist)
	})
}
