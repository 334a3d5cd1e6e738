package pgtest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// leftOut of the environment names the file that lists what was left out; make test shows it.
const leftOut = "TESTS_LEFT_OUT"

// LeaveOut ends a test that cannot run on this machine, and has it listed, so that nobody takes it for one that passed.
func LeaveOut(t testing.TB, why string) {
	t.Helper()
	line := fmt.Sprintf("%s: %s\n", t.Name(), strings.TrimSpace(why))
	if name := os.Getenv(leftOut); name != "" {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip("LEFT OUT: ", line)
}
