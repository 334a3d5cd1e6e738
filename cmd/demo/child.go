package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// childGrace is what a child may take to end once it was asked to.
const childGrace = 15 * time.Second

// child is a process that ends with this one, however this one ends. One goroutine waits for it, and ends when it does.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended
	err  error         // of its end; to be read after done
}

// startChild starts cmd. If this process dies without stopping it, it gets the signal onDeath. It is in a process group
// of its own, since a Ctrl-C goes to the whole group of the terminal, and it is we who stop it, at its turn.
func startChild(cmd *exec.Cmd, onDeath syscall.Signal) (*child, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // for grandchildren that hold its output open
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(c.done)
		// Linux means the death of the thread that forked, not of the process: this goroutine keeps its thread alive.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		unbind, err := startBound(cmd, onDeath)
		started <- err
		if err != nil {
			return
		}
		defer unbind()
		c.err = cmd.Wait()
	}()
	if err := <-started; err != nil {
		<-c.done
		return nil, err
	}
	return c, nil
}

func (c *child) name() string { return filepath.Base(c.cmd.Path) }

// stop asks the child to end and waits for it. One that does not end in time is killed, and that is an error, as is any
// end other than a good one. If it has ended before, there is nothing to stop: who waited for it knows.
func (c *child) stop(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	default:
	}
	name := c.name()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, childGrace)
	defer cancel()
	select {
	case <-c.done:
	case <-ctx.Done():
		_ = c.cmd.Process.Kill() // fails only if it has ended
		<-c.done
		return fmt.Errorf("stop %s: it did not end by itself and was killed", name)
	}
	if c.err != nil {
		return fmt.Errorf("stop %s: %w", name, c.err)
	}
	return nil
}

// howItEnded is never nil: a child that ends unasked has not done its work, whatever its exit status.
func (c *child) howItEnded() error {
	if c.err != nil {
		return c.err
	}
	return errors.New("exit status 0")
}

// during returns a context that ends with the child too, with the reason as its cause. What it returns beside is to be
// called when the context is no longer needed.
func (c *child) during(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-c.done:
			cancel(fmt.Errorf("%s ended by itself: %w", c.name(), c.howItEnded()))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-watched
	}
}
