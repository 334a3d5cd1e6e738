package pgdev

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	stopTimeout  = 30 * time.Second // for an orderly shutdown, after which the server is killed
	crashTimeout = 10 * time.Second // Postgres itself kills its children 5 s into an immediate shutdown
	pollInterval = 10 * time.Millisecond
	portAttempts = 5
)

// Server is one Postgres cluster and the server that runs on it. Its methods may be called from several goroutines.
type Server struct {
	options  Options
	account  account
	programs programs
	files    cluster
	log      *serverLog

	mu      sync.Mutex
	port    int
	process *process // nil before the first boot, and while the server is known to be down
	stopped bool
}

// URL is the address of one of the server's databases; "postgres" is there from the beginning. It stays the same
// for the life of the Server, also across Restart.
func (s *Server) URL(database string) string { return localURL(s.port, database) }

func localURL(port int, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// PID is the process id of the server's main process, or 0 while no server runs.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || s.process.ended() {
		return 0
	}
	return s.process.pid()
}

// Stop shuts the server down in order, waits for its end, and removes a throw-away cluster. It ends open
// connections. A server that has not ended when ctx does, or after 30 s, is killed, and that is an error. A second
// Stop does nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	return errors.Join(s.shutDown(ctx), s.files.close())
}

// Crash ends the server as a power cut would: at once, without writing anything down. The cluster stays, and Restart
// recovers it. Crash does nothing when the server is down.
func (s *Server) Crash() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), crashTimeout)
	defer cancel()
	return s.end(ctx, syscall.SIGQUIT)
}

// Restart starts the server again on the same cluster and port, and returns once it answers queries. A server that
// still runs is shut down in order first. After Stop it is an error.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errors.New("restart postgres: it was stopped for good")
	}
	if err := s.shutDown(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.boot(ctx); err != nil {
		return fmt.Errorf("restart postgres: %w", err)
	}
	return nil
}

func (s *Server) shutDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return s.end(ctx, syscall.SIGINT)
}

// end ends the process with sig and waits for it; when ctx ends first, it kills.
func (s *Server) end(ctx context.Context, sig os.Signal) error {
	if s.process == nil {
		return nil
	}
	p := s.process
	s.process = nil
	err := errors.Join(p.thaw(), p.signal(sig)) // what is frozen cannot obey
	if err == nil && p.wait(ctx) {
		return nil
	}
	p.kill()
	return fmt.Errorf("end postgres with %v: had to kill it: %w", sig, errors.Join(err, ctx.Err()))
}

// bootOnFreePort boots on the port asked for, or looks for a free one. Nothing can reserve a port for another
// program, so one that was free a moment ago may be taken; then it tries the next.
func (s *Server) bootOnFreePort(ctx context.Context) error {
	if s.port = s.options.Port; s.port != 0 {
		return s.boot(ctx)
	}
	var err error
	for range portAttempts {
		if s.port, err = freePort(ctx); err != nil {
			return err
		}
		if err = s.boot(ctx); err == nil || ctx.Err() != nil || isFree(ctx, s.port) {
			return err
		}
	}
	return err
}

// boot starts the server program and waits until it answers.
func (s *Server) boot(ctx context.Context) error {
	if !isFree(ctx, s.port) {
		return fmt.Errorf("port %d is taken", s.port)
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), // which bounds the start only
		filepath.Join(s.programs.bin, "postgres"), serverArgs(s.files.data, s.port, s.options)...)
	cmd.Dir, cmd.Env = s.files.data, serverEnv()
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.ExtraFiles = []*os.File{s.files.owner} // the server keeps the lock if this process dies first
	p, err := startProcess(cmd, s.account, s.files.deathSignal())
	if err != nil {
		return err
	}
	if err := s.untilReady(ctx, p); err != nil {
		p.abandon()
		return fmt.Errorf("%w%s", err, s.log.tail())
	}
	s.process = p
	return nil
}

func (s *Server) untilReady(ctx context.Context, p *process) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("the server ended: %w", p.howItEnded())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w; last: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// answers asks the server for its data folder: another server may have been quicker to take the port.
func (s *Server) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	var data string
	err = conn.QueryRow(ctx, "show data_directory").Scan(&data)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return err
	}
	if data != s.files.data {
		return fmt.Errorf("another server, of %s, listens on port %d", data, s.port)
	}
	return nil
}
