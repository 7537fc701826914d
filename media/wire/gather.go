package wire

import "time"

// gather decides how long a shard waits before it looks at its ports again. At a
// PBX's loads it is wake-ups that cost, not packets, so under load packets are
// let gather for up to a millisecond: a twentieth of a packet's own length. With
// a few calls, or after silence, nobody waits: the first packet wakes the shard.
type gather struct {
	most  time.Duration // 0 for never
	since time.Time     // the window began
	seen  int           // packets in this window
	busy  bool          // by the last one
}

const (
	gatherWindow = 20 * time.Millisecond // every phone sends once in it, as a rule
	gatherLegs   = 20                    // fewer are served at once
)

// count notes that the ports were looked at and n packets found.
func (p *gather) count(n int, now time.Time) {
	if now.Sub(p.since) >= gatherWindow {
		// A window that ended long ago says nothing of now.
		p.busy = p.most > 0 && p.seen >= gatherLegs && now.Sub(p.since) < 2*gatherWindow
		p.since, p.seen = now, 0
	}
	p.seen += n
}
