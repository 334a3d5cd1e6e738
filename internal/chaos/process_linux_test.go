package chaos_test

import (
	"os"
	"testing"

	"webhookd/internal/chaos"
)

func TestPeakMemory(t *testing.T) {
	if mb := chaos.PeakMemory(os.Getpid()); mb < 1 {
		t.Errorf("this process had %d MB at most", mb)
	}
	if mb := chaos.PeakMemory(1 << 30); mb != 0 {
		t.Errorf("a process that is not had %d MB", mb)
	}
}
