package simnet

import (
	"sync"
	"time"
)

// deadline is a time at which a wait on a Cond ends. All of it is under the
// world's lock, which is the lock of the Cond.
type deadline struct {
	ready *sync.Cond
	at    time.Time
	timer *time.Timer
}

func (d *deadline) set(t time.Time) {
	d.stop()
	d.at = t
	if wait := time.Until(t); !t.IsZero() && wait > 0 {
		ready := d.ready
		d.timer = time.AfterFunc(wait, func() {
			ready.L.Lock()
			defer ready.L.Unlock()
			ready.Broadcast()
		})
	}
	d.ready.Broadcast()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }
