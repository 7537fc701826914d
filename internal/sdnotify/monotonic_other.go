//go:build !linux

package sdnotify

import "time"

// monotonic is 0 where there is no systemd to compare it with.
func monotonic() time.Duration { return 0 }
