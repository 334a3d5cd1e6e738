package chaos

import (
	"context"
	"fmt"
	"os/exec"
)

// Build builds the service into a file, with the race detector if asked for.
func Build(ctx context.Context, file string, race bool) error {
	args := []string{"build", "-o", file}
	if race {
		args = append(args, "-race")
	}
	text, err := exec.CommandContext(ctx, "go", append(args, "webhookd/cmd/webhookd")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the service: %w: %s", err, text)
	}
	return nil
}
