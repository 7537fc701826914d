package talk

import (
	"slices"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// TakeOffer takes an offer in, and agrees on formats. It is false where no sound
// is shared, and nothing has changed then: 488. A line that is not wanted, or twice there, is refused by
// itself.
func (t *Talk) TakeOffer(offer *sdp.Session) bool {
	var lines []line
	sound := false
	taken := make(map[media.Kind]bool)
	for i := range offer.Media {
		m := &offer.Media[i]
		l := line{offered: *m, theirs: true, dir: offer.Direction(m), refused: true}
		switch {
		case m.Is("audio"):
			l.kind = media.Audio
		case m.Is("video"):
			l.kind = media.Video
		case m.Is("text"):
			l.kind = media.Text
		}
		if t.session.Stream(l.kind) != nil && !taken[l.kind] && m.IsRTP() && !m.Secure() && !m.Rejected() {
			l.codecs = m.Codecs()
			l.payloads = common(l.codecs, t.formats(l.kind))
			if len(l.payloads) > 0 {
				l.refused = false
				taken[l.kind] = true
				sound = sound || l.kind == media.Audio
				if l.kind == media.Audio && t.peer.DTMF != sipconf.DTMFInband {
					l.payloads = append(l.payloads, telephoneEvents(l.codecs, l.payloads)...)
				}
			}
		}
		lines = append(lines, l)
	}
	if sound {
		t.lines = lines
		t.setRemote(offer)
	}
	return sound
}

// formats are those of a kind that the account allows, in its order.
func (t *Talk) formats(k media.Kind) []media.Format {
	var out []media.Format
	for _, f := range t.peer.Formats {
		if f.Kind() == k {
			out = append(out, f)
		}
	}
	return out
}

// Narrow keeps, of the formats agreed on, those that another leg has too, or
// that can be made of what it has. Where that would leave nothing, everything
// stays.
func (t *Talk) Narrow(with []media.Format) {
	for i := range t.lines {
		l := &t.lines[i]
		if l.refused {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(l.payloads), func(p rtp.Payload) bool {
			return p.Format.IsCodec() && !reachable(p.Format, with)
		})
		if slices.ContainsFunc(kept, func(p rtp.Payload) bool { return p.Format.IsCodec() }) {
			sortBy(kept, with)
			l.payloads = kept
		}
	}
}

// Answer describes what was agreed on, a line for each of theirs.
func (t *Talk) Answer() *sdp.Session { return t.Describe(sdp.SendRecv) }
