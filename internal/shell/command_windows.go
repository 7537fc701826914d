package shell

import (
	"os/exec"
	"syscall"
)

// command is the command interpreter with a line to carry out. It reads its
// command line itself, by rules of its own, so it is handed over as it is.
func command(line string) *exec.Cmd {
	cmd := exec.Command("cmd.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /c ` + line}
	return cmd
}
