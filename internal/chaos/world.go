package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"webhookd/internal/sandbox"
)

// World is all of a round: the gateway, the database and the replicas, with what was promised between them.
type World struct {
	Gateway  *sandbox.Gateway
	Replicas []*Replica
	Ledger   *Ledger

	setup       *Setup
	binary      string
	http        *http.Client
	meter       *meter
	gatewayURL  string
	databaseURL string // as the replicas have it

	mu        sync.Mutex
	database  Database
	processes []*process
	numbers   int            // given to processes
	injected  map[string]int // by fault
	ends      []func()       // in the order in which things began
}

// newWorld makes a world and starts it. What it returns must be closed, also beside an error.
func newWorld(ctx context.Context, binary string, setup *Setup) (*World, error) {
	w := &World{
		setup: setup, binary: binary, Ledger: newLedger(), injected: map[string]int{},
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
	}
	w.ends = append(w.ends, w.http.CloseIdleConnections)
	database, end, err := setup.Database(ctx, setup.PostgresSettings)
	if err != nil {
		return w, fmt.Errorf("make the database: %w", err)
	}
	w.ends = append(w.ends, end)
	w.database, w.databaseURL = database, database.Direct
	if setup.Between != nil {
		url, end, err := setup.Between(ctx, database)
		if err != nil {
			return w, fmt.Errorf("put something before the database: %w", err)
		}
		w.ends = append(w.ends, end)
		w.databaseURL = url
	}
	if err := w.openGateway(ctx); err != nil {
		return w, err
	}
	return w, w.openReplicas(ctx)
}

func (w *World) openGateway(ctx context.Context) error {
	w.Gateway = sandbox.New(w.setup.Gateway)
	w.ends = append(w.ends, w.Gateway.Close)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the gateway: %w", err)
	}
	w.gatewayURL = "http://" + listener.Addr().String()
	w.meter = &meter{gateway: w.Gateway.Handler()}
	server := &http.Server{Handler: w.meter, ReadHeaderTimeout: time.Minute, ErrorLog: quietLog()}
	go func() { _ = server.Serve(listener) }() // until it is closed
	w.ends = append(w.ends, func() { _ = server.Close() })
	return nil
}

func (w *World) openReplicas(ctx context.Context) error {
	for i := range w.setup.Replicas {
		r, err := newReplica(w, i+1)
		if err != nil {
			return err
		}
		w.Replicas = append(w.Replicas, r)
	}
	errs := make(chan error, len(w.Replicas))
	for _, r := range w.Replicas {
		go func() { errs <- r.Start(ctx) }() // on an empty database, all at once
	}
	for range w.Replicas {
		if err := <-errs; err != nil {
			return err
		}
	}
	return w.allReady(ctx)
}

func (w *World) allReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for _, r := range w.Replicas {
		if err := r.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close ends all that the world began, the last first.
func (w *World) close() {
	for _, r := range w.Replicas {
		r.Thaw()
		r.Kill()
	}
	for i := len(w.ends) - 1; i >= 0; i-- {
		w.ends[i]()
	}
}

// Injected counts what a fault has done, for the report.
func (w *World) Injected(fault string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.injected[fault] += n
}

// Take waits for a replica that no other fault holds, and takes it. release gives it back.
func (w *World) Take(ctx context.Context, rng *rand.Rand) (r *Replica, release func(), err error) {
	first := rng.IntN(len(w.Replicas))
	tick := time.NewTicker(readyTick)
	defer tick.Stop()
	for {
		for i := range w.Replicas {
			r := w.Replicas[(first+i)%len(w.Replicas)]
			select {
			case <-r.taken:
				return r, func() { r.taken <- struct{}{} }, nil
			default:
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// Database returns the database as it is at present.
func (w *World) Database() Database {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.database
}

// SetDatabase puts another database in the place of the present one, for a fault that replaces the server. The replicas
// keep their DATABASE_URL, which may name several hosts.
func (w *World) SetDatabase(d Database) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.database = d
}

func (w *World) nextProcess() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.numbers++
	return w.numbers
}

func (w *World) began(p *process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.processes = append(w.processes, p)
}

// ended takes down what a process has left in its log. One that ended though nobody ended it has failed.
func (w *World) ended(p *process, wanted bool) {
	bad, _ := p.log.found()
	for _, line := range bad {
		w.Ledger.Find("log", "process %d: %s", p.number, line)
	}
	if !wanted {
		w.Ledger.Find("exit", "process %d ended by itself with status %d: %s",
			p.number, p.cmd.ProcessState.ExitCode(), p.log.tail())
	}
}

// pause waits for d, and reports whether ctx lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// between draws a time between two others.
func between(rng *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(rng.Int64N(int64(high-low)+1))
}
