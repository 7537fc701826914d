// Package shell runs commands of the operator's configuration.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// grace is how long a command may go on once nobody waits for it for any other
// reason than to know that it is over.
const grace = 10 * time.Second

// Run has the system's shell run a command line and returns its exit code, 127
// where the shell found no such command. It reads nothing, and writes where this
// process does. When ctx ends the command goes on, and is waited for a while yet,
// so that what comes after it finds its work done; then the error is ctx's cause.
// Where the shell itself could not be run that is the error.
func Run(ctx context.Context, line string) (code int, err error) { return Output(ctx, line, os.Stdout) }

// Output is Run for a command that writes to out. Where it is not waited for any
// more it may still write.
func Output(ctx context.Context, line string, out io.Writer) (code int, err error) {
	cmd := command(line)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Start(); err != nil {
		return -1, fmt.Errorf("run the shell: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // also where nobody waits any more: no zombie stays
	select {
	case err = <-ended:
		return result(cmd, err)
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case err = <-ended:
		return result(cmd, err)
	case <-timer.C:
		return -1, context.Cause(ctx)
	}
}

func result(cmd *exec.Cmd, err error) (int, error) {
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) {
		return cmd.ProcessState.ExitCode(), nil // -1 for one that a signal has ended
	}
	return -1, fmt.Errorf("wait for the command: %w", err)
}
