package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongFlagsEndWith2(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-nonsense"}, "nonsense"},
		{[]string{"once"}, `unexpected argument "once"`},
		{[]string{"-once=perhaps"}, "perhaps"},
		{[]string{"--dir"}, "dir"},
		{[]string{"-once", "-dir", "x"}, "-once keeps nothing"},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), c.args, &stdout, &stderr); status != exitUsage {
			t.Errorf("demo %v: status %d, want %d", c.args, status, exitUsage)
		}
		if !strings.Contains(stderr.String(), c.want) || stdout.Len() != 0 {
			t.Errorf("demo %v: said %q and %q, want %q on standard error alone", c.args, &stdout, &stderr, c.want)
		}
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	for _, arg := range []string{"-h", "-help", "--help"} {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), []string{arg}, &stdout, &stderr); status != exitOK {
			t.Errorf("demo %s: status %d, want 0", arg, status)
		}
		for _, flag := range []string{"-once", "-dir", "-quiet"} {
			if !strings.Contains(stderr.String(), flag) {
				t.Errorf("demo %s: does not tell of %s", arg, flag)
			}
		}
	}
}
