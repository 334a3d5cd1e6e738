package pgdev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// PoolerOptions says how a pooler is to work.
type PoolerOptions struct {
	// Mode is PgBouncer's pool_mode: transaction, session or statement. Empty means transaction.
	Mode string
	// Settings are further settings of its section [pgbouncer]. They win over those of this package.
	Settings map[string]string
	// Log receives the pooler's log. Nil drops it, save the lines that explain a failed start.
	Log io.Writer
}

// Pooler is a PgBouncer between clients and one Server at a time. It ends with this process, as the server does.
type Pooler struct {
	server  *Server // has its files
	port    int
	target  *Server // where it leads to
	options PoolerOptions
	program string
	process *process
}

// Pooler starts a PgBouncer before the server and returns once queries come through. It listens on 127.0.0.1 only, lets
// whoever connects be the user postgres, and finds the server again after Restart. Where no PgBouncer is installed, the
// error says what to install. The caller stops it before the server.
func (s *Server) Pooler(ctx context.Context, o PoolerOptions) (*Pooler, error) {
	program, err := findPooler()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for range portAttempts {
		p := &Pooler{server: s, target: s, options: o, program: program}
		if p.port, err = freePort(ctx); err != nil {
			return nil, err
		}
		if err = p.start(ctx); err == nil {
			return p, nil
		}
		if ctx.Err() != nil || isFree(ctx, p.port) {
			break
		}
	}
	return nil, fmt.Errorf("start %s: %w", program, err)
}

// findPooler looks where packagers put the program: root's folders are not in everybody's PATH.
func findPooler() (string, error) {
	if path := os.Getenv("PGBOUNCER"); path != "" {
		return path, nil
	}
	for _, name := range []string{
		"pgbouncer", "/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no PgBouncer is installed: scripts/install-tools installs it, or PGBOUNCER names the program")
}

func (p *Pooler) start(ctx context.Context) error {
	file, err := p.writeFile()
	if err != nil {
		return err
	}
	log := &serverLog{to: p.options.Log}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.program, "-q", file)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.server.files.base, serverEnv(), log, log
	if p.process, err = startProcess(cmd, p.server.account, syscall.SIGKILL); err != nil {
		return err
	}
	if err := p.untilReady(ctx); err != nil {
		p.process.kill()
		return fmt.Errorf("%w%s", err, log.tail())
	}
	return nil
}

// writeFile writes the pooler's settings into the cluster's folder, which is removed with the server.
func (p *Pooler) writeFile() (string, error) {
	settings := map[string]string{
		"listen_addr": "127.0.0.1", "listen_port": strconv.Itoa(p.port), "unix_socket_dir": "",
		"auth_type": "any", "pool_mode": "transaction", "max_client_conn": "500",
		// By default it does not try again for 15 s when the server is down.
		"server_login_retry": "1",
	}
	if p.options.Mode != "" {
		settings["pool_mode"] = p.options.Mode
	}
	maps.Copy(settings, p.options.Settings)
	var text strings.Builder
	fmt.Fprintf(&text, "[databases]\n* = host=127.0.0.1 port=%d user=postgres\n[pgbouncer]\n", p.target.port)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "%s = %s\n", name, settings[name])
	}
	file := filepath.Join(p.server.files.base, fmt.Sprintf("pooler-%d.ini", p.port))
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return "", err
	}
	return file, p.server.account.own(file)
}

func (p *Pooler) untilReady(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		err := p.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.process.done:
			return fmt.Errorf("it ended: %w", p.process.howItEnded())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w; last: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

func (p *Pooler) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1").ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// URL is the address of one of the server's databases through the pooler.
func (p *Pooler) URL(database string) string { return localURL(p.port, database) }

// Point leads the pooler to another server by a reload, as is done after a fail-over: a connection to the former one is
// closed as soon as it is in no transaction. It returns when the pooler was told.
func (p *Pooler) Point(to *Server) error {
	p.target = to
	if _, err := p.writeFile(); err != nil {
		return fmt.Errorf("point the pooler: %w", err)
	}
	return p.process.signal(syscall.SIGHUP)
}

// Restart ends the pooler and starts it again at the same address. The server must answer.
func (p *Pooler) Restart(ctx context.Context) error {
	p.Stop()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := p.start(ctx); err != nil {
		return fmt.Errorf("restart %s: %w", p.program, err)
	}
	return nil
}

// Stop ends the pooler at once, with the connections through it. It is killed, since one that is asked to end waits until
// its clients have gone, from PgBouncer 1.23 on. A second Stop does nothing.
func (p *Pooler) Stop() { p.process.kill() }
