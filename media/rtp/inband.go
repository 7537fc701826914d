package rtp

import (
	"obelus/media/dtmf"
)

// keySeeker looks for keys in the sound of a lane. It is the worker's.
type keySeeker struct {
	detector *dtmf.Detector
	rate     int
	relaxed  bool
	relayed  bool    // the tones of the last key went to the other phone
	echo     bool    // the key that is down is one that we sent
	held     []int16 // the frame that is held back
	loud     bool    // ... which may have tones in it
	out      []int16
}

// seeksTones says whether keys are looked for in the phone's sound. One that has
// sent a key as an event is not believed to mean its tones as well: a digit is
// heard once.
func (st *Stream) seeksTones() bool {
	return st.hearsTones() && !st.in.sentEvents()
}

func (in *receiver) sentEvents() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.digits.Seen
}

// held says whether the phone may not speak now.
func (in *receiver) held() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return !in.may
}

func (k *keySeeker) begin() { k.held = k.held[:0] }

// seek looks for keys in a frame and tells of them. It says whether there may be
// tones in it.
func (k *keySeeker) seek(l *lane, to *Stream, frame []int16) bool {
	if !l.st.seeksTones() {
		k.end(l)
		return false
	}
	rate, relaxed := l.hear.listener.Rate(), l.st.session.keyRules().Relaxed
	if k.detector == nil || k.rate != rate || k.relaxed != relaxed {
		k.end(l)
		k.detector, k.rate, k.relaxed = dtmf.NewDetector(rate, relaxed), rate, relaxed
	}
	k.relayed = to != nil && !l.now.mutes
	k.tell(l, k.detector.Hear(frame))
	return k.detector.Suspect()
}

// end stops looking; a key that is down comes up.
func (k *keySeeker) end(l *lane) {
	if k.detector != nil {
		k.tell(l, k.detector.Release())
		k.detector = nil
	}
}

func (k *keySeeker) tell(l *lane, list []dtmf.Press) {
	f := l.st.session.hooks.Digit
	if f == nil {
		return
	}
	for _, p := range list {
		if !p.Up {
			// A line gives back some of what is sent to it.
			k.echo = l.st.session.keys.echoes(p.Key)
		}
		if k.echo {
			continue
		}
		f(Digit{Key: p.Key, Up: p.Up, Duration: p.Held, Relayed: k.relayed})
	}
}

// holdBack keeps a frame until the next is there, and gives out the one before,
// as silence where either may have tones in it: a key is known for one only when
// some of it has been heard.
func (k *keySeeker) holdBack(frame []int16, loud bool) []int16 {
	if len(k.held) != len(frame) {
		k.held = append(k.held[:0], frame...)
		clear(k.held)
	}
	k.out = append(k.out[:0], k.held...)
	if loud || k.loud {
		clear(k.out)
	}
	k.held = append(k.held[:0], frame...)
	k.loud = loud
	return k.out
}
