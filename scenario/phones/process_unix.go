//go:build unix

package phones

import (
	"os/exec"
	"syscall"
)

// leadGroup has the process lead a group of its own, so that endGroup reaches
// its children and nobody else.
func leadGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// endGroup signals the process and its children to end.
func endGroup(cmd *exec.Cmd, force bool) {
	signal := syscall.SIGTERM
	if force {
		signal = syscall.SIGKILL
	}
	// The error says only that the group has already gone.
	_ = syscall.Kill(-cmd.Process.Pid, signal)
}
