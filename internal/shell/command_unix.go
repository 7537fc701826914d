//go:build !windows

package shell

import (
	"os/exec"
	"syscall"
)

// command is the shell with a line to carry out, in a process group of its own so
// that a key on this process' terminal does not end it.
func command(line string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}
