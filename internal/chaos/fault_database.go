package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"webhookd/internal/pgdev"
)

const (
	diskMB         = 300
	fewConnections = "40"
)

// databaseFaults are those that want another database than a server of our own with room for all.
func databaseFaults() []Fault {
	return []Fault{diskFull(), tooManyConnections(), pooler(), failOver(), failOverBehindPooler()}
}

// diskFull fills the database's disk and makes room again. Postgres may end when its log finds no room; then it is
// started again.
func diskFull() Fault {
	possible := true
	return Fault{
		Name: "disk-full", About: "the database's disk is full for 1 to 6 seconds", Part: "postgres",
		Prepare: func(s *Setup, _ *rand.Rand) {
			s.Database = func(ctx context.Context, settings map[string]string) (Database, func(), error) {
				server, err := pgdev.Start(ctx, pgdev.Options{Durable: true, DiskMB: diskMB, Settings: smallLog(settings)})
				if errors.Is(err, pgdev.ErrNoDisk) {
					fmt.Fprintln(os.Stderr, "LEFT OUT: disk-full:", err)
					possible = false
					return ownPostgres(ctx, settings)
				}
				if err != nil {
					return Database{}, nil, err
				}
				return Database{Direct: server.URL("postgres"), Server: server}, func() {
					_ = server.Stop(context.WithoutCancel(ctx)) // its data is thrown away
				}, nil
			}
		},
		Inject: func(ctx context.Context, w *World, rng *rand.Rand) error {
			for possible && pause(ctx, between(rng, time.Second, 6*time.Second)) {
				server := w.Database().Server
				if err := server.FillDisk(); err != nil {
					return err
				}
				w.Injected("disk-full", 1)
				pause(ctx, between(rng, time.Second, 6*time.Second))
				if err := server.EmptyDisk(); err != nil {
					return err
				}
				if err := revive(context.WithoutCancel(ctx), server); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// smallLog keeps the write-ahead log from taking the small disk by itself.
func smallLog(settings map[string]string) map[string]string {
	settings["max_wal_size"], settings["min_wal_size"] = "64MB", "32MB"
	return settings
}

// revive starts a server that has ended by itself, and waits until it answers.
func revive(ctx context.Context, server *pgdev.Server) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if server.PID() == 0 {
			return server.Restart(ctx)
		}
		conn, err := pgx.Connect(ctx, server.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if !pause(ctx, readyTick) {
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

func tooManyConnections() Fault {
	return Fault{
		Name: "too-many-connections", About: "others take every connection that the database gives, for up to 5 seconds",
		Prepare: func(s *Setup, _ *rand.Rand) { s.PostgresSettings["max_connections"] = fewConnections },
		Inject: func(ctx context.Context, w *World, rng *rand.Rand) error {
			for pause(ctx, between(rng, time.Second, 5*time.Second)) {
				others := crowd(ctx, w.Database().Direct)
				w.Injected("too-many-connections", 1)
				pause(ctx, between(rng, 500*time.Millisecond, 5*time.Second))
				for _, conn := range others {
					_ = conn.Close(context.WithoutCancel(ctx)) // another fault may have cut it
				}
			}
			return nil
		},
	}
}

// crowd takes connections, and cuts those of the service, until the server has no more and the service none. Another
// fault may have the server; then it takes what it gets.
func crowd(ctx context.Context, direct string) (taken []*pgx.Conn) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, direct)
		if err == nil {
			taken = append(taken, conn)
			continue
		}
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "53300" || len(taken) == 0 {
			return taken
		}
		var cut int
		if err := taken[0].QueryRow(ctx, `select count(pg_terminate_backend(pid)) from pg_stat_activity
			where application_name = 'webhookd'`).Scan(&cut); err != nil || cut == 0 {
			return taken
		}
	}
}

// pooler has the service reach its database through a PgBouncer in transaction mode, which is restarted now and then.
func pooler() Fault {
	var p *pgdev.Pooler
	return Fault{
		Name: "pooler", About: "a PgBouncer in transaction mode between the service and Postgres, restarted now and then",
		Prepare: func(s *Setup, _ *rand.Rand) {
			if s.Between != nil {
				return // something else is
			}
			s.Between = func(ctx context.Context, d Database) (string, func(), error) {
				var err error
				if p, err = smallPooler(ctx, d.Server); err != nil {
					return "", nil, err
				}
				return p.URL("postgres"), p.Stop, nil
			}
		},
		Inject: func(ctx context.Context, w *World, rng *rand.Rand) error {
			for p != nil && pause(ctx, between(rng, 2*time.Second, 8*time.Second)) {
				if err := p.Restart(context.WithoutCancel(ctx)); err != nil {
					return err
				}
				w.Injected("pooler", 1)
			}
			return nil
		},
	}
}

// smallPooler has fewer connections than the replicas, so that they must share.
func smallPooler(ctx context.Context, server *pgdev.Server) (*pgdev.Pooler, error) {
	return server.Pooler(ctx, pgdev.PoolerOptions{Settings: map[string]string{"default_pool_size": "6"}})
}

// failOver loses the primary once and has its standby take over, to which the service's URL leads too.
func failOver() Fault {
	f := new(failingOver)
	return Fault{
		Name: "fail-over", Part: "postgres",
		About: "the primary dies, perhaps cut off from its synchronous standby before, or hangs, and that takes over",
		Prepare: func(s *Setup, _ *rand.Rand) {
			s.Database = f.databases
			s.Between = func(_ context.Context, d Database) (string, func(), error) {
				hosts, err := bothHosts(d.Direct, f.standby.URL("postgres"))
				return hosts, func() {}, err
			}
		},
		Inject: func(ctx context.Context, w *World, rng *rand.Rand) error {
			return f.inject(ctx, w, rng, "fail-over", func(*pgdev.Server) error { return nil })
		},
	}
}

// failOverBehindPooler loses the primary as failOver does. The service knows but a pooler, which is led to the new
// primary some time later.
func failOverBehindPooler() Fault {
	f := new(failingOver)
	var p *pgdev.Pooler
	return Fault{
		Name: "fail-over-pooler", Part: "postgres",
		About: "a fail-over behind a PgBouncer in transaction mode, which is led to the new primary by a reload",
		Prepare: func(s *Setup, _ *rand.Rand) {
			s.Database = f.databases
			s.Between = func(ctx context.Context, d Database) (_ string, end func(), err error) {
				if p, err = smallPooler(ctx, d.Server); err != nil {
					return "", nil, err
				}
				return p.URL("postgres"), p.Stop, nil
			}
		},
		Inject: func(ctx context.Context, w *World, rng *rand.Rand) error {
			return f.inject(ctx, w, rng, "fail-over-pooler", func(to *pgdev.Server) error { return p.Point(to) })
		},
	}
}

// failingOver is a primary that has a synchronous standby.
type failingOver struct{ standby *pgdev.Server }

func (f *failingOver) databases(
	ctx context.Context, settings map[string]string,
) (d Database, end func(), err error) {
	d, endFirst, err := ownPostgres(ctx, settings)
	if err != nil {
		return d, nil, err
	}
	if f.standby, err = d.Server.Standby(ctx); err != nil {
		endFirst()
		return d, nil, err
	}
	return d, func() {
		endFirst()
		_ = f.standby.Stop(context.WithoutCancel(ctx)) // its data is thrown away
	}, nil
}

// inject loses the primary and has the standby take over. lead has the service find it, before the former primary comes
// back or after; that takes no writes then.
func (f *failingOver) inject(
	ctx context.Context, w *World, rng *rand.Rand, name string, lead func(to *pgdev.Server) error,
) error {
	pause(ctx, between(rng, 2*time.Second, 8*time.Second))
	ctx = context.WithoutCancel(ctx) // half of this fault is none
	primary := w.Database().Server
	if rng.IntN(3) == 0 {
		stopSender(ctx, primary)
		pause(ctx, between(rng, time.Second, 8*time.Second))
	}
	lose := []func() error{primary.Crash, primary.Freeze}[rng.IntN(2)]
	if err := lose(); err != nil {
		return err
	}
	pause(ctx, between(rng, 0, 3*time.Second))
	if err := f.standby.Promote(ctx); err != nil {
		return err
	}
	w.SetDatabase(Database{Direct: f.standby.URL("postgres"), Server: f.standby})
	w.Injected(name, 1)
	steps := []func() error{
		func() error { return lead(f.standby) },
		func() error { return primary.Demote(ctx) },
	}
	if rng.IntN(3) == 0 {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		pause(ctx, between(rng, 0, 4*time.Second))
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// stopSender has the primary send nothing to its standby any more, so that commits wait for ever. Another fault may keep
// it from that.
func stopSender(ctx context.Context, primary *pgdev.Server) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, primary.URL("postgres"))
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	var sender int
	if err := conn.QueryRow(ctx, `select pid from pg_stat_replication`).Scan(&sender); err == nil {
		_ = syscall.Kill(sender, syscall.SIGSTOP) // it may have ended
	}
}

// bothHosts is a URL that names two servers.
func bothHosts(first, second string) (string, error) {
	a, err := url.Parse(first)
	if err != nil {
		return "", err
	}
	b, err := url.Parse(second)
	if err != nil {
		return "", err
	}
	a.Host += "," + b.Host
	return a.String(), nil
}
