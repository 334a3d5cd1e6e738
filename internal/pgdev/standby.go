package pgdev

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// promoteTimeout bounds what a standby may take to become the primary.
	promoteTimeout = 30 * time.Second
	// standbySignal is the file by which Postgres knows that it is a standby.
	standbySignal = "standby.signal"
)

// Standby starts a second server that follows this one by streaming, and returns once it does. From then on each commit
// waits until the standby has it on its disk, so that nothing that a client was told is lost with this server. For the
// copy this server is shut down and started again. The caller stops both.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, errors.New("make a standby: the server was stopped for good")
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.shutDown(ctx); err != nil {
		return nil, err
	}
	standby, err := s.copy(ctx)
	if err != nil {
		return nil, fmt.Errorf("copy the cluster: %w", err)
	}
	s.options.Settings = with(s.options.Settings, map[string]string{
		"synchronous_standby_names": "*", "synchronous_commit": "on", "wal_keep_size": "1GB",
	})
	err = errors.Join(s.boot(ctx), standby.bootOnFreePort(ctx))
	if err == nil {
		err = s.untilFollowed(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a standby: %w", err), standby.Stop(ctx))
	}
	return standby, nil
}

// copy is a server on a copy of the files, to be started as a standby. The server must be down.
func (s *Server) copy(ctx context.Context) (*Server, error) {
	o := s.options
	o.Dir, o.Port, o.DiskMB = "", 0, 0
	o.Settings = with(o.Settings, map[string]string{
		"primary_conninfo": fmt.Sprintf("host=127.0.0.1 port=%d user=postgres", s.port),
	})
	base, err := makeBase(o, s.account)
	if err != nil {
		return nil, err
	}
	c := cluster{base: base, data: filepath.Join(base, "data")}
	if c.owner, err = lockFile(ctx, filepath.Join(base, ownerFile)); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if _, err := run(ctx, s.account, base, "cp", "-a", s.files.data, c.data); err != nil {
		return nil, errors.Join(err, c.close())
	}
	if err := c.signalStandby(s.account); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return &Server{options: o, account: s.account, programs: s.programs, files: c, log: &serverLog{to: o.Log}}, nil
}

func (c *cluster) signalStandby(acct account) error {
	file := filepath.Join(c.data, standbySignal)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	return acct.own(file)
}

// untilFollowed waits until a standby has all there is and commits wait for it.
func (s *Server) untilFollowed(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		var following bool
		err := s.ask(ctx, `select exists (select from pg_stat_replication
			where state = 'streaming' and sync_state = 'sync')`, &following)
		if following {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the standby does not follow: %w", errors.Join(err, ctx.Err()))
		case <-tick.C:
		}
	}
}

func (s *Server) ask(ctx context.Context, query string, out any) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	err = conn.QueryRow(ctx, query).Scan(out)
	return errors.Join(err, conn.Close(ctx))
}

// Promote makes a standby the primary, and returns once it takes writes. It waits for no standby of its own.
func (s *Server) Promote(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, promoteTimeout)
	defer cancel()
	var promoted bool
	if err := s.ask(ctx, `select pg_promote()`, &promoted); err != nil || !promoted {
		return fmt.Errorf("promote the standby: %t, %w", promoted, err)
	}
	return nil
}

// Demote ends the server and starts it again as a standby that follows nobody: it may be read, and takes no writes, as a
// primary that comes back after another has taken its place.
func (s *Server) Demote(ctx context.Context) error {
	if err := s.Crash(); err != nil {
		return err
	}
	if err := s.files.signalStandby(s.account); err != nil {
		return fmt.Errorf("demote postgres: %w", err)
	}
	return s.Restart(ctx)
}

func with(settings, more map[string]string) map[string]string {
	all := maps.Clone(settings)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, more)
	return all
}
