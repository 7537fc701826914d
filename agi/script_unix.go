//go:build !windows

package agi

import (
	"os"
	"os/exec"
	"syscall"
)

// prepare puts the script into a process group of its own: a key on this process'
// terminal does not end it.
func prepare(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// hangup tells a script that its channel has gone.
func hangup(p *os.Process) error { return p.Signal(syscall.SIGHUP) }
