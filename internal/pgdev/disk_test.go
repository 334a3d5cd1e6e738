package pgdev_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/pgdev"
	"webhookd/internal/pgdev/pgtest"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	s, err := pgdev.Start(t.Context(), pgdev.Options{DiskMB: 150})
	if errors.Is(err, pgdev.ErrNoDisk) {
		pgtest.LeaveOut(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
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
