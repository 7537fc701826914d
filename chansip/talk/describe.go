package talk

import (
	"slices"

	"obelus/media"
	"obelus/sip/sdp"
)

// Describe writes a description of ours. Each has a higher version than the one
// before; the first has the number of the session.
func (t *Talk) Describe(want sdp.Direction) *sdp.Session {
	s := t.head()
	if t.fax {
		s.Media = t.faxLines()
		return s
	}
	for i := range t.lines {
		s.Media = append(s.Media, t.describe(&t.lines[i], want))
	}
	t.limit(s)
	return s
}

// head is the next description of ours, without lines.
func (t *Talk) head() *sdp.Session {
	s := &sdp.Session{
		Origin: sdp.NewOrigin(t.general.SDPOwner, t.origin, t.version, t.addr),
		Name:   t.general.SDPSession, Connection: sdp.ConnectionTo(t.addr),
	}
	t.version++
	return s
}

// describe writes one m= line and what belongs to it, in the original's order.
func (t *Talk) describe(l *line, want sdp.Direction) sdp.Media {
	if l.refused {
		return l.decline()
	}
	m := sdp.Media{Kind: l.kind.String(), Port: t.session.Stream(l.kind).Port(), Proto: l.proto}
	for _, c := range l.ours() {
		m.AddCodec(t.codecOf(l, c))
	}
	if l.kind == media.Audio {
		t.addFraming(&m, l)
	} else {
		t.addFeedback(&m, l)
	}
	if t.peer.RTCPMux && (!l.theirs || l.offered.RTCPMux()) {
		m.Add("rtcp-mux", "")
	}
	l.addKeys(&m)
	dir := want
	if l.theirs {
		dir = l.dir.Answer(want)
	}
	m.SetDirection(dir)
	return m
}

// decline is a line that is off: theirs with port 0, or ours.
func (l *line) decline() sdp.Media {
	if l.offered.Kind != "" {
		return l.offered.Decline()
	}
	m := sdp.Media{Kind: l.kind.String(), Proto: l.proto}
	for _, c := range l.ours() {
		m.AddCodec(sdp.Codec{Payload: c.Type, Name: c.Format.Encoding(), Clock: c.clock(), Channels: c.Format.Channels()})
	}
	m.Attributes = nil
	return m
}

// codecOf is a coding as a description of ours names it. The parameters of what
// passes through are the other phone's; without one they are the phone's own.
func (t *Talk) codecOf(l *line, c coding) sdp.Codec {
	out := sdp.Codec{Payload: c.Type, Name: c.Format.Encoding(), Clock: c.clock(), Channels: c.Format.Channels(), Fmtp: c.Format.Fmtp()}
	switch far, ok := t.far.coding(c.Type, c.Format); {
	case c.Format == media.G726AAL2 && t.peer.G726NonStandard:
		out.Name = media.G726.Encoding()
	case c.Format == media.Red:
		out.Fmtp = redundancy(l.ours())
	case !c.Format.IsCodec():
	case ok && far.fmtp != "":
		out.Fmtp = far.fmtp
	case c.fmtp != "":
		out.Fmtp = c.fmtp
	}
	return out
}

// redundancy is the fmtp of redundant text: twice again what it makes redundant
// (RFC 4103 section 10).
func redundancy(list []coding) string {
	i := slices.IndexFunc(list, func(c coding) bool { return c.Format == media.T140 })
	if i < 0 {
		return ""
	}
	return repeated(list[i].Type)
}
