package main

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// startScript starts a shell and returns when the script has said "ready".
func startScript(t *testing.T, script string) *child {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", script)
	out, in := io.Pipe()
	cmd.Stdout = in
	c, err := startChild(cmd, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, unless the test failed
		<-c.done
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the script said %q, %v", line, err)
	}
	return c
}

const untilKilled = "echo ready; while :; do sleep 0.05; done"

func TestAChildIsStoppedInOrder(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := startScript(t, "trap 'exit 0' TERM; "+untilKilled)
	if err := c.stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.stop(t.Context()); err != nil {
		t.Errorf("stopped once more: %v", err)
	}
}

func TestABadEndIsTold(t *testing.T) {
	c := startScript(t, "trap 'exit 3' TERM; "+untilKilled)
	if err := c.stop(t.Context()); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("stop: %v, want exit status 3", err)
	}
}

func TestAStubbornChildIsKilled(t *testing.T) {
	c := startScript(t, "trap '' TERM; "+untilKilled)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.stop(ctx); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("stop: %v, want an error that says that it was killed", err)
	}
	if c.cmd.ProcessState == nil {
		t.Error("it is not dead")
	}
}

func TestTheStoryEndsWithItsChild(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := startScript(t, "echo ready; exit 0")
	ctx, end := c.during(t.Context())
	defer end()
	<-ctx.Done()
	if cause := context.Cause(ctx).Error(); !strings.Contains(cause, "sh ended by itself: exit status 0") {
		t.Errorf("cause: %s", cause)
	}
}

func TestWhatCannotStartIsNoChild(t *testing.T) {
	defer goleak.VerifyNone(t)
	if _, err := startChild(exec.Command("/nowhere/at/all"), syscall.SIGKILL); err == nil {
		t.Error("a program that is not there was started")
	}
}
