package pgdev

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// process is a child that does not outlive this process. One goroutine waits for it, and ends when it does.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended and was reaped
	err  error         // what Wait said; to be read after done
}

// startProcess starts cmd under acct, in a process group of its own so that a Ctrl-C at the terminal is not also
// sent to it. The child gets onDeath when this process dies.
func startProcess(cmd *exec.Cmd, acct account, onDeath syscall.Signal) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: acct.credential()}
	cmd.WaitDelay = crashTimeout // between a canceled context, or the end of a parent whose children go on, and force
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(p.done)
		// Linux takes the end of the thread that forked for the death of the parent, so this goroutine keeps its
		// thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		release, err := startBound(cmd, onDeath)
		started <- err
		if err != nil {
			return
		}
		defer release()
		p.err = cmd.Wait()
	}()
	if err := <-started; err != nil {
		<-p.done
		return nil, err
	}
	return p, nil
}

// run runs a program to its end under the same conditions, in dir, and returns what it printed. When ctx ends first
// the program is interrupted: killed, initdb would leave shared memory behind.
func run(ctx context.Context, acct account, dir, program string, args ...string) (string, error) {
	var out strings.Builder
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, serverEnv(), &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	p, err := startProcess(cmd, acct, syscall.SIGINT)
	if err != nil {
		return "", err
	}
	<-p.done
	if p.err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, errors.Join(p.err, ctx.Err()), strings.TrimSpace(out.String()))
	}
	return out.String(), nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// howItEnded is never nil: a server that ends by itself did not do its work, whatever its exit status.
func (p *process) howItEnded() error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

// wait waits for the child's end and tells whether it came before that of ctx.
func (p *process) wait(ctx context.Context) bool {
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
		return p.ended()
	}
}

// signal signals the child. A child that has ended needs no signal: that is no error.
func (p *process) signal(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal process %d: %w", p.pid(), err)
	}
	return nil
}

// abandon ends a server that did not get ready. It is told first, so that it can clear up its shared memory.
func (p *process) abandon() {
	_ = p.signal(syscall.SIGQUIT) // what it cannot end, kill does
	ctx, cancel := context.WithTimeout(context.Background(), crashTimeout)
	defer cancel()
	if !p.wait(ctx) {
		p.kill()
	}
}

// kill ends the child for certain. The children of a Postgres server see that their parent is gone, and follow.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if the child has ended
	<-p.done
}
