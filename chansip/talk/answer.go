package talk

import (
	"slices"

	"obelus/media"
	"obelus/sip/sdp"
)

// TakeOffer takes an offer in, and agrees on formats. No bundle is made: what
// comes only in one is refused (RFC 8843 section 7.3.3). It fails where no sound is
// shared, and nothing has changed then: 488. A line that is not wanted, or twice
// there, is refused by itself (RFC 3264 section 6).
func (t *Talk) TakeOffer(offer *sdp.Session) error {
	var lines []line
	taken := make(map[media.Kind]bool)
	var why error // no sound is agreed on, beside codecs
	for i := range offer.Media {
		m := &offer.Media[i]
		l := line{offered: *m, theirs: true, dir: offer.Direction(m), proto: m.Proto, refused: true}
		k, ok := kindOf(m)
		if l.kind = k; ok && !taken[k] && t.session.Stream(k) != nil && m.IsRTP() && m.Port > 0 {
			if err := t.agreeKeys(&l, m); err == nil {
				t.agree(&l, m)
			} else if k == media.Audio {
				why = err
			}
			taken[k] = !l.refused
		}
		lines = append(lines, l)
	}
	if !taken[media.Audio] && why != nil {
		return why
	}
	if !taken[media.Audio] {
		return shortage("the account", t.formats(media.Audio), "the offer", t.offered(offer))
	}
	t.lines = lines
	if t.far.known() {
		t.narrow()
	}
	t.setRemote(offer)
	return nil
}

// kindOf is what a line carries; false for what RTP does not bring here.
func kindOf(m *sdp.Media) (media.Kind, bool) {
	for _, k := range kinds {
		if m.Is(k.String()) {
			return k, true
		}
	}
	return media.Image, false
}

// agree takes of a line of an offer what the account allows, in the account's
// order, as in the original.
func (t *Talk) agree(l *line, m *sdp.Media) {
	l.send = t.common(m, t.formats(l.kind))
	if len(l.send) == 0 {
		return
	}
	if t.peer.PreferredOnly {
		first := l.send[0].Format
		l.send = slices.DeleteFunc(l.send, func(c coding) bool { return c.Format != first })
	}
	if l.kind == media.Audio {
		l.send = append(l.send, t.eventsOf(m, l.send)...)
	}
	l.refused = false
	l.feedback = feedbackOf(m)
	l.framing = t.framingOf(m)
}

// offered lists the sound of an offer, for an error.
func (t *Talk) offered(offer *sdp.Session) []media.Format {
	var out []media.Format
	for i := range offer.Media {
		for _, c := range offer.Media[i].Codecs() {
			if f, ok := t.formatOf(c); ok && f.IsCodec() && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// Narrow keeps, of the formats agreed on, those that the other leg has too, or
// that can be made of what it has, its own first. Where that would leave no
// sound, all stays. Pictures and text that the other leg has not are declined.
func (t *Talk) Narrow(far Far) {
	if far.known() {
		t.far = far
		t.narrow()
	}
}

func (t *Talk) narrow() {
	for i := range t.lines {
		l := &t.lines[i]
		l.keep(func(c coding) bool { return t.reachable(c.Format, t.far.formats) && t.far.kept(c, l.send) }, t.far.formats)
		if l.kind != media.Audio && !slices.ContainsFunc(l.send, func(c coding) bool { return slices.Contains(t.far.formats, c.Format) }) {
			l.refused = true
		}
	}
}

// Answer describes what was agreed on, a line for each of theirs.
func (t *Talk) Answer() *sdp.Session { return t.Describe(sdp.SendRecv) }
