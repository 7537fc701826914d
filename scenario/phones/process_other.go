//go:build !unix

package phones

import "os/exec"

// leadGroup does nothing: there are no process groups here.
func leadGroup(*exec.Cmd) {}

// endGroup ends the process; there is no gentler way here.
func endGroup(cmd *exec.Cmd, _ bool) {
	// The error says only that the process has already gone.
	_ = cmd.Process.Kill()
}
