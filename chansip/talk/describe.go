package talk

import (
	"slices"

	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// Describe writes a description of ours. Each has a higher version than the one
// before; the first has the number of the session.
func (t *Talk) Describe(want sdp.Direction) *sdp.Session {
	s := &sdp.Session{
		Origin: sdp.NewOrigin(t.general.SDPOwner, t.origin, t.version, t.addr),
		Name:   t.general.SDPSession, Connection: sdp.ConnectionTo(t.addr),
	}
	t.version++
	for i := range t.lines {
		l := &t.lines[i]
		if l.refused {
			s.Media = append(s.Media, l.offered.Decline())
			continue
		}
		m := sdp.Media{Kind: l.kind.String(), Port: t.session.Stream(l.kind).Port(), Proto: "RTP/AVP"}
		if l.offered.Proto != "" {
			m.Proto = l.offered.Proto
		}
		for _, p := range l.numbers() {
			m.AddCodec(codecOf(p, l.codecs))
		}
		if l.kind == media.Audio {
			m.Add("maxptime", "140")
		}
		dir := want
		if l.theirs {
			dir = l.dir.Answer(want)
		}
		m.SetDirection(dir)
		s.Media = append(s.Media, m)
	}
	return s
}

// numbers are the payload types of our own description.
func (l *line) numbers() []rtp.Payload {
	if l.receive == nil {
		return l.payloads
	}
	var out []rtp.Payload
	for _, ours := range l.receive {
		if slices.ContainsFunc(l.payloads, func(p rtp.Payload) bool { return p.Format == ours.Format }) {
			out = append(out, ours)
		}
	}
	return out
}
