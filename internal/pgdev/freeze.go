package pgdev

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Freeze halts the server as a stalled machine would: connections stay open and new ones are taken by the kernel, but
// nothing answers until Thaw. It fails when the server is down.
func (s *Server) Freeze() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || s.process.ended() {
		return errors.New("freeze postgres: it is down")
	}
	if err := s.process.freeze(); err != nil {
		return fmt.Errorf("freeze postgres: %w", err)
	}
	return nil
}

// Thaw lets a frozen server go on from where it was. It does nothing to one that runs or is down.
func (s *Server) Thaw() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	if err := s.process.thaw(); err != nil {
		return fmt.Errorf("thaw postgres: %w", err)
	}
	return nil
}

// freeze halts the parent first, which then forks no more, and then its children until a look finds no new one. A
// signal to the process group would not do: each Postgres backend leads a group of its own.
func (p *process) freeze() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	frozen := map[int]bool{}
	for {
		children, err := childrenOf(p.pid())
		if err != nil {
			return err
		}
		before := len(frozen)
		for _, pid := range children {
			if err := signalChild(pid, syscall.SIGSTOP); err != nil {
				return err
			}
			frozen[pid] = true
		}
		if len(frozen) == before {
			return nil
		}
	}
}

func (p *process) thaw() error {
	if p.ended() {
		return nil
	}
	children, err := childrenOf(p.pid())
	if err != nil {
		return err
	}
	for _, pid := range children {
		if err := signalChild(pid, syscall.SIGCONT); err != nil {
			return err
		}
	}
	return p.signal(syscall.SIGCONT)
}

// signalChild signals a backend; one that ended since it was listed is no error.
func signalChild(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return os.NewSyscallError("kill", err)
	}
	return nil
}
