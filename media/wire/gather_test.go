package wire

import (
	"testing"
	"time"
)

// A shard naps only under load, and no longer than a window after it ended.
func TestGather(t *testing.T) {
	const most = time.Millisecond
	for _, c := range []struct {
		name  string
		most  time.Duration
		every time.Duration // between looks
		found int           // packets each time
		looks int
		busy  bool
	}{
		{"one call", most, 10 * time.Millisecond, 1, 100, false},
		{"nineteen legs", most, 20 * time.Millisecond, 19, 100, false},
		{"a hundred legs", most, time.Millisecond, 5, 100, true},
		{"a burst after silence", most, time.Second, 60, 3, false},
		{"not wanted", 0, time.Millisecond, 50, 100, false},
	} {
		p, now := gather{most: c.most}, time.Unix(1e9, 0)
		for range c.looks {
			now = now.Add(c.every)
			p.count(c.found, now)
		}
		if p.busy != c.busy {
			t.Errorf("%s: busy %v", c.name, p.busy)
		}
		for range 40 { // silence
			now = now.Add(time.Millisecond)
			p.count(0, now)
		}
		if p.busy {
			t.Errorf("%s: busy after 40 ms of silence", c.name)
		}
	}
}
