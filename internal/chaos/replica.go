package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startTime = 40 * time.Second // until a replica listens
	readyTick = 20 * time.Millisecond
)

// Replica is a place for a process of the service: its address stays the same from one process to the next. Whoever
// breaks it takes it first, see [World.Take]; the methods that break it are then not called at the same time.
type Replica struct {
	Number int
	URL    string // of the public listener

	world *World
	addr  string
	taken chan struct{} // holds a token while nobody has taken it

	mu      sync.Mutex
	process *process // nil while there is none
}

// process is one run of the program.
type process struct {
	number int // of all processes of the round: the gateway tells them apart by it
	cmd    *exec.Cmd
	log    *journal
	began  time.Time
	done   chan struct{} // closed when it has ended
	peakMB atomic.Int64  // of its resident memory, as far as it was weighed
}

// weigh notes the most memory that the process has had. It is asked before the process is ended.
func (p *process) weigh() { p.peakMB.Store(int64(peakMemory(p.cmd.Process.Pid))) }

func newReplica(w *World, number int) (*Replica, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	r := &Replica{Number: number, URL: "http://" + addr, world: w, addr: addr, taken: make(chan struct{}, 1)}
	r.taken <- struct{}{}
	return r, nil
}

// freeAddress finds a port below those that the kernel gives to outgoing connections: it must still be free when a
// process that was killed is started again.
func freeAddress() (string, error) {
	for range 100 {
		port := 12000 + int(time.Now().UnixNano()/1000)%16000
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // local
		if err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", errors.New("no free port")
}

// Start starts a process, and returns once it listens. It need not be ready: the database may be away.
func (r *Replica) Start(ctx context.Context) error {
	w := r.world
	number := w.nextProcess()
	cmd := exec.Command(w.binary, "serve") //nolint:noctx // it outlives the round's context, and is ended by us
	cmd.Env = w.setup.environ(map[string]string{
		"DATABASE_URL": w.databaseURL, "LISTEN_ADDR": r.addr, "PUBLIC_URL": r.URL,
		"NOPAYN_BASE_URL": w.meter.baseURL(w.gatewayURL, number),
	})
	bind(cmd)
	p := &process{number: number, cmd: cmd, log: newJournal(), began: time.Now(), done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	started := make(chan error)
	go func() {
		defer close(p.done)
		runtime.LockOSThread() // the kernel takes the death of the thread that forked for ours
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is read from its state
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start replica %d: %w", r.Number, err)
	}
	r.mu.Lock()
	r.process = p
	r.mu.Unlock()
	w.began(p)
	timer := time.NewTimer(startTime)
	defer timer.Stop()
	select {
	case <-p.log.serving:
		return nil
	case <-p.done:
		return fmt.Errorf("replica %d ended while it started: %s", r.Number, p.log.tail())
	case <-ctx.Done():
		return nil // the round is over; the end of it sees to the process
	case <-timer.C:
		return fmt.Errorf("replica %d does not listen: %s", r.Number, p.log.tail())
	}
}

func (r *Replica) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process
}

// signal sends sig, and reports whether there was a process to get it.
func (r *Replica) signal(sig syscall.Signal) bool {
	p := r.current()
	return p != nil && p.cmd.Process.Signal(sig) == nil
}

// Kill ends the process with kill -9.
func (r *Replica) Kill() {
	if p := r.current(); p != nil {
		p.weigh()
		_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		<-p.done
		r.world.ended(p, true)
	}
}

// Freeze stops the process as a stalled machine would, until Thaw.
func (r *Replica) Freeze() bool { return r.signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (r *Replica) Thaw() { r.signal(syscall.SIGCONT) }

// Stop ends the process as a deploy does. It must end well, in time, and answer what it has in hand; if not, that is a
// finding.
func (r *Replica) Stop() {
	p := r.current()
	if p == nil {
		return
	}
	w := r.world
	p.weigh()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return // it ended by itself, and that is found out elsewhere
	}
	w.Ledger.stopping(r.URL, time.Now())
	timer := time.NewTimer(shutdownTime + 20*time.Second)
	defer timer.Stop()
	select {
	case <-p.done:
		w.Ledger.stopped(r.URL, time.Now())
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			w.Ledger.Find("exit", "replica %d ended with status %d after SIGTERM: %s", r.Number, code, p.log.tail())
		}
	case <-timer.C:
		w.Ledger.Find("exit", "replica %d did not end within its time after SIGTERM: %s", r.Number, p.log.tail())
		_ = p.cmd.Process.Signal(syscall.SIGKILL)
		<-p.done
	}
	w.ended(p, true)
}

// Alive reports whether there is a process that has not ended.
func (r *Replica) Alive() bool {
	p := r.current()
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Ready waits until the replica says that it is ready.
func (r *Replica) Ready(ctx context.Context) error {
	tick := time.NewTicker(readyTick)
	defer tick.Stop()
	for {
		p := r.current()
		if p != nil && r.world.ready(ctx, p.log.admin()) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("replica %d does not become ready: %w", r.Number, ctx.Err())
		}
	}
}

func (w *World) ready(ctx context.Context, admin string) bool {
	if admin == "" {
		return false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := w.http.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}
