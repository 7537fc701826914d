package rtp

import (
	"obelus/media"
	"obelus/media/dtmf"
)

// KeyMode is how a leg's keys travel: dtmfmode of sip.conf.
type KeyMode uint8

// The ways of keys.
const (
	// KeysAsEvents is RFC 4733. A phone that takes no events is sent tones.
	KeysAsEvents KeyMode = iota
	// KeysAsTones is in the sound, both ways: inband.
	KeysAsTones
	// KeysByEither is events with a phone that takes them, tones with another:
	// auto.
	KeysByEither
	// KeysElsewhere is in the signalling, info: what comes here all the same is
	// not heard, or a key would count twice.
	KeysElsewhere
)

// KeyRules is how a leg's keys are heard and sent. The zero value is RFC 4733 to
// the letter.
type KeyRules struct {
	Mode KeyMode
	// Relaxed takes tones that are further from the standard: relaxdtmf.
	Relaxed bool
	// Compensate takes each new timestamp for a press by itself, for phones whose
	// events are broken: rfc2833compensate. Such events are not passed on as they
	// are: [Digit.Relayed] is false.
	Compensate bool
}

// SetKeys says how the leg's keys travel, from now on.
func (s *Session) SetKeys(r KeyRules) {
	s.rules.Store(&r)
	in, out := &s.audio.in, &s.audio.out
	in.mu.Lock()
	in.digits.Lenient, in.deaf = r.Compensate, r.Mode == KeysElsewhere
	in.mu.Unlock()
	out.mu.Lock()
	out.passesEvents = r.Mode == KeysAsEvents || r.Mode == KeysByEither
	out.mu.Unlock()
}

// keyRules are the present rules.
func (s *Session) keyRules() KeyRules {
	if r := s.rules.Load(); r != nil {
		return *r
	}
	return KeyRules{}
}

// sendsTones says whether a key is sent to the phone as its tones.
func (st *Stream) sendsTones() bool {
	switch st.session.keyRules().Mode {
	case KeysAsTones:
		return true
	case KeysAsEvents, KeysByEither:
		return !st.HasEvents()
	}
	return false
}

// hearsTones says whether the phone's keys are looked for in its sound.
func (st *Stream) hearsTones() bool {
	if st.kind != media.Audio {
		return false
	}
	switch st.session.keyRules().Mode {
	case KeysAsTones:
		return true
	case KeysByEither:
		return !st.HasEvents()
	}
	return false
}

// tellKeys tells the leg's owner of keys that came as events.
func (st *Stream) tellKeys(k *dtmf.Presses) {
	if f := st.session.hooks.Digit; f != nil {
		for _, p := range k.All() {
			f(Digit{Key: p.Key, Up: p.Up, Duration: p.Held, Relayed: st.eventWent.Load()})
		}
	}
}
