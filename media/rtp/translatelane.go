package rtp

import (
	"sync"
	"time"

	"obelus/media/jitter"
	"obelus/media/packet"
)

// lane is the way of sound that can't pass as it came: through samples. Packets
// wait in its jitter buffer, and every 20 ms a worker of the plane makes a frame
// of them, looks for keys in it, and sends it on in a format of the other phone.
//
//	parked ──packet──▶ filling ──enough waits──▶ running ──nothing comes──▶ parked
//
// Packets come in under the mutex; what is below it belongs to the worker, who
// has the lane from its first packet to the turn that parks it.
type lane struct {
	mu     sync.Mutex
	jitter jitter.Buffer
	begun  bool // a worker has it
	closed bool
	faults int // of ours, that stopped it
	duty   duty
	since  time.Time // of the first packet that waits

	st      *Stream
	wants   int // the rate that who listens likes best; 0: whom it speaks to
	now     duty
	running bool // behind filling
	pace    jitter.Pace
	hear    hearing
	keys    keySeeker
	speak   speaking
}

// duty is what is done with the sound of a lane.
type duty struct {
	carries bool // it is sent on; else only listened to
	mutes   bool // ... without the tones of keys
}

// laneFill is how long the first packet waits.
const laneFill = 40 * time.Millisecond

// put takes a packet in, and gets the lane a worker.
func (l *lane) put(b []byte, h *packet.Header, v *verdict, d duty, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || h.End == h.Start {
		return
	}
	l.duty = d
	if !l.begun {
		l.begun, l.since = true, now
		l.st.session.plane.workers.Add(l)
	}
	l.jitter.Put(b, h, v.payload.format, v.payload.clock, v.mute)
}

// flush forgets what waits to be sent on: the phone's sound passes as it is now.
func (l *lane) flush() {
	l.mu.Lock()
	if l.begun && l.duty.carries {
		l.jitter.Reset()
		l.duty = duty{}
	}
	l.mu.Unlock()
}

// busy says whether a worker has the lane.
func (l *lane) busy() bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun
}

// close ends the lane. A worker that has it gives it up at its next turn.
func (l *lane) close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && !l.begun {
		l.release()
	}
	l.closed = true
}

// release gives back what codecs hold; l.mu is held.
func (l *lane) release() {
	l.hear.close()
	l.speak.close()
	l.jitter = jitter.Buffer{}
}

// turn is Turn; it is false when the lane is parked.
func (l *lane) turn(now time.Time) bool {
	to := l.st.route.Load()
	switch l.look(to, now) {
	case lookEnd:
		l.park()
		return false
	case lookWait:
		return true
	}
	l.speak.turnTo(l, to)
	frame := l.frame(now)
	if frame == nil {
		l.park()
		return false
	}
	mute := l.keys.seek(l, to, frame)
	if !l.now.carries || to == nil {
		return true
	}
	if l.now.mutes {
		frame = l.keys.holdBack(frame, mute)
	}
	scale(frame, l.st.session.gain().said*to.session.gain().sent)
	l.speak.say(l, frame)
	return true
}

// look is what a turn is to do.
type look uint8

const (
	lookGo look = iota
	lookWait
	lookEnd
)

func (l *lane) look(to *Stream, now time.Time) look {
	seeks, held := l.st.seeksTones(), l.st.in.held()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.duty
	switch {
	case l.closed, held, !seeks && (to == nil || !l.now.carries):
		return lookEnd
	case l.running:
		return lookGo
	case now.Sub(l.since) < laneFill:
		return lookWait
	}
	l.running = true
	l.pace.Begin()
	l.hear.begin()
	l.keys.begin()
	l.speak.begin()
	return lookGo
}

// park ends the worker's part.
func (l *lane) park() {
	l.keys.end(l)
	l.running = false
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = false
	l.jitter.Reset()
	if l.closed {
		l.release()
	}
}

// Turn makes 20 ms of sound; it is called by a worker. It keeps a fault of ours from ending the sound of all other calls.
func (l *lane) Turn() (stays bool) {
	defer func() {
		if r := recover(); r != nil {
			l.st.session.plane.options.Log.Error("translation stopped by a fault", "port", l.st.Port(), "fault", r)
			l.fail()
		}
	}()
	return l.turn(time.Now())
}

// mostFaults is how often a lane may fail before it is given up.
const mostFaults = 3

// fail parks a lane in whatever state it is in, and starts it from nothing.
func (l *lane) fail() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running, l.begun = false, false
	if l.faults++; l.faults >= mostFaults {
		l.closed = true
	}
	l.hear, l.speak, l.keys, l.jitter = hearing{}, speaking{}, keySeeker{}, jitter.Buffer{}
}
