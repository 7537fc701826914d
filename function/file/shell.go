package file

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

// shell is SHELL(command): what it prints, as it prints it. Where the channel has
// something else to do before it ends, as when the caller hangs up, the command goes
// on to its end, and nobody waits for it.
func shell(x *pbx.Exec, command string) (string, error) {
	if command == "" {
		return "", argument.Complain(`Missing Argument!  Example:  Set(foo=${SHELL(echo "bar")})`)
	}
	name, args := "/bin/sh", []string{"-c", command}
	if runtime.GOOS == "windows" {
		name, args = "cmd", []string{"/c", command}
	}
	var out printed
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		return "", argument.Complain("Failed to execute shell command '%s'", command)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ended is nothing that the original tells
	}()
	select {
	case <-done:
	case <-x.Context().Done():
		return "", fmt.Errorf("SHELL(%s) is not waited for: %w", command, context.Cause(x.Context()))
	}
	if out.lost > 0 {
		x.Warnf("SHELL(%s) printed %d bytes more than the %d that are kept", command, out.lost, argument.MaxText)
	}
	return out.String(), nil
}

// printed keeps what a program prints, up to a bound.
type printed struct {
	strings.Builder
	lost int
}

// Write takes all, as the program would end otherwise.
func (p *printed) Write(b []byte) (int, error) {
	room := min(argument.MaxText-p.Len(), len(b))
	p.Builder.Write(b[:room])
	p.lost += len(b) - room
	return len(b), nil
}

// setEnv is Set(ENV(name)=value); an empty value removes it.
func setEnv(_ *pbx.Exec, name, value string) error {
	if name == "" || strings.ContainsAny(name, "=\x00") {
		return argument.Complain("'%s' can't be the name of an environment variable", name)
	}
	if value == "" {
		return os.Unsetenv(name)
	}
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("ENV(%s): %w", name, err)
	}
	return nil
}
