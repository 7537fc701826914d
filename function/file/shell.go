package file

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

// Shell has the system's shell run a command line that prints to out. When ctx ends
// the command goes on; nobody waits for it any more, and the error is ctx's cause.
type Shell func(ctx context.Context, line string, out io.Writer) (code int, err error)

// read is SHELL(command): what it prints, as it prints it.
func (run Shell) read(x *pbx.Exec, command string) (string, error) {
	if command == "" {
		return "", argument.Complain(`Missing Argument!  Example:  Set(foo=${SHELL(echo "bar")})`)
	}
	if run == nil {
		return "", argument.Complain("Failed to execute shell command '%s'", command)
	}
	out := new(printed)
	if _, err := run(x.Context(), command, out); err != nil {
		return "", argument.Complain("Failed to execute shell command '%s': %v", command, err)
	}
	if out.lost > 0 {
		x.Warnf("SHELL(%s) printed %d bytes more than the %d that are kept", command, out.lost, argument.MaxText)
	}
	return out.text.String(), nil
}

// printed keeps what a program prints, up to a bound.
type printed struct {
	text strings.Builder
	lost int
}

// Write takes all, as the program would end otherwise.
func (p *printed) Write(b []byte) (int, error) {
	room := min(argument.MaxText-p.text.Len(), len(b))
	p.text.Write(b[:room])
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
