//go:build !unix

package sqlite_test

import (
	"testing"
	"time"
)

// cpuTime is not measured here: the time of the clock stands for it.
func cpuTime(b *testing.B) time.Duration { return time.Duration(time.Now().UnixNano()) }
