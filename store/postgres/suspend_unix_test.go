//go:build unix

package postgres_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"obelus/internal/pgtest"
)

// suspend returns what stops all processes of a server, or has them go on.
func suspend(s *pgtest.Server) func(stop bool) {
	return func(stop bool) {
		sig := syscall.SIGCONT
		if stop {
			sig = syscall.SIGSTOP
		}
		pid := s.Process().Pid
		_ = syscall.Kill(pid, sig)
		out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(pid)).Output()
		if err != nil {
			return // no ps here: the first process alone, which takes no connections then
		}
		for child := range strings.FieldsSeq(string(out)) {
			if n, err := strconv.Atoi(child); err == nil && n != os.Getpid() {
				_ = syscall.Kill(n, sig)
			}
		}
	}
}
