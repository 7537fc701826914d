package rtp

// gains are how much louder a leg's sound is made: factors.
type gains struct{ said, sent float64 }

// SetGain multiplies what the phone says, and what it is sent, by a factor each, from
// now on; 1 leaves it as it is. Sound that could pass as it came goes through samples
// then, where its coding can be read and made here.
func (s *Session) SetGain(said, sent float64) {
	if said == 1 && sent == 1 {
		s.gains.Store(nil)
		return
	}
	s.gains.Store(&gains{said, sent})
}

func (s *Session) gain() gains {
	if g := s.gains.Load(); g != nil {
		return *g
	}
	return gains{1, 1}
}

// scales says whether sound from one stream to another has to be made louder.
func scales(from, to *Stream) bool {
	return to != nil && (from.session.gains.Load() != nil || to.session.gains.Load() != nil)
}

// scale makes samples louder, where they lie.
func scale(pcm []int16, by float64) {
	if by == 1 {
		return
	}
	for i, s := range pcm {
		pcm[i] = int16(min(max(float64(s)*by, -32768), 32767))
	}
}
