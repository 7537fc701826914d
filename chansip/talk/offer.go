package talk

import (
	"slices"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// Offer describes what we would like: with lists the formats that the other leg
// has, nil for whatever the account allows.
func (t *Talk) Offer(with []media.Format) *sdp.Session {
	t.lines = t.lines[:0]
	for _, st := range t.session.Streams() {
		l := line{kind: st.Kind()}
		for _, f := range t.formats(l.kind) {
			if with != nil && !reachable(f, with) {
				continue
			}
			l.payloads = append(l.payloads, rtp.Payload{Type: payloadOf(f), Format: f})
		}
		if len(l.payloads) == 0 {
			continue
		}
		if l.kind == media.Audio && t.peer.DTMF != sipconf.DTMFInband {
			l.payloads = append(l.payloads, rtp.Payload{Type: events, Format: media.TelephoneEvent, Clock: 8000})
		}
		t.lines = append(t.lines, l)
	}
	return t.Describe(sdp.SendRecv)
}

// TakeAnswer takes the answer to our offer in. It is false where no sound is left.
func (t *Talk) TakeAnswer(answer *sdp.Session) bool {
	sound := false
	for i := range t.lines {
		l := &t.lines[i]
		if i >= len(answer.Media) || answer.Media[i].Rejected() {
			l.refused = true
			continue
		}
		m := &answer.Media[i]
		ours := l.payloads
		var offered []media.Format
		for _, p := range ours {
			offered = append(offered, p.Format)
		}
		codecs := m.Codecs()
		l.payloads = inTheirOrder(codecs, offered)
		if l.kind == media.Audio {
			l.payloads = append(l.payloads, telephoneEvents(codecs, l.payloads)...)
			sound = sound || len(l.payloads) > 0
		}
		l.refused = len(l.payloads) == 0
		l.receive = ours
	}
	if sound {
		t.setRemote(answer)
	}
	return sound
}

// inTheirOrder lists what an answer kept of our offer: who answers decides what
// is used.
func inTheirOrder(codecs []sdp.Codec, offered []media.Format) []rtp.Payload {
	var out []rtp.Payload
	for _, c := range codecs {
		if f, ok := media.BySDP(c.Name, c.Clock); ok && f.IsCodec() && slices.Contains(offered, f) {
			out = append(out, rtp.Payload{Type: c.Payload, Format: f})
		}
	}
	return out
}

// Agreed lists the codecs agreed on, sound first.
func (t *Talk) Agreed() []media.Format {
	var out []media.Format
	for _, l := range t.lines {
		if l.refused {
			continue
		}
		for _, p := range l.payloads {
			if p.Format.IsCodec() {
				out = append(out, p.Format)
			}
		}
	}
	return out
}
