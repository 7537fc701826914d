//go:build unix

package sqlite_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what the process, and the kernel for it, has worked.
func cpuTime(b *testing.B) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
