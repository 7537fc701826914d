package srtp

import (
	"math/rand/v2"
	"obelus/media/packet"
	"testing"
)

// TestWindow is the memory of what went out under a key.
func TestWindow(t *testing.T) {
	for _, start := range []uint16{0, 5, 65500, 65535} {
		var w window
		seen := make(map[uint16]bool)
		if !w.first(start) || w.first(start) || w.first(start-1) {
			t.Fatalf("begins at %d: the first is taken, and nothing before it", start)
		}
		seen[start] = true
		last, dice := start, rand.New(rand.NewPCG(1, uint64(start)))
		for range 20000 {
			n := last + uint16(dice.IntN(300)) - 200
			back := last - n
			want := packet.Newer(n, last) || back < replayWindow && !seen[n] && packet.Newer(n, start-1)
			if len(seen) > 20000 {
				break
			}
			if got := w.first(n); got != want {
				t.Fatalf("from %d: %d, %d behind the last, is taken: %v", start, n, back, got)
			}
			if want {
				seen[n] = true
			}
			if packet.Newer(n, last) {
				for m := last + 1; m != n; m++ {
					delete(seen, m) // a number of an earlier round
				}
				last = n
			}
			if last-start > 30000 {
				break
			}
		}
	}
}
