package talk

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"obelus/media"
	"obelus/sip/sdp"
)

// Phone is a phone's streams as its own descriptions declare them: what another
// phone is told when the two send to each other without us.
type Phone struct {
	Streams []Stream
	Why     string // why another phone can't be told, "" where it can
}

// Stream is one stream of a phone.
type Stream struct {
	Kind       media.Kind
	Addr, RTCP netip.AddrPort
	Direction  sdp.Direction
	Ptime      time.Duration // 0 where the phone does not say
	Symmetric  bool          // we send where it sends from, whatever it says: it is, or may be, behind NAT
	codings    []coding      // by the numbers under which the phone wants them, best first
	feedback   []feedback
}

// Stream is the phone's stream of a kind, nil where it has none.
func (p *Phone) Stream(k media.Kind) *Stream {
	if p == nil {
		return nil
	}
	for i := range p.Streams {
		if p.Streams[i].Kind == k {
			return &p.Streams[i]
		}
	}
	return nil
}

// Equal says whether both would be told alike. Nil stands for ourselves.
func (p *Phone) Equal(o *Phone) bool {
	if p == nil || o == nil {
		return p == o
	}
	return slices.EqualFunc(p.Streams, o.Streams, func(a, b Stream) bool {
		return a.Kind == b.Kind && a.Addr == b.Addr && a.RTCP == b.RTCP && a.Direction == b.Direction && a.Ptime == b.Ptime &&
			slices.Equal(a.codings, b.codings)
	})
}

// Covers says whether who was told p need not be told o: it is the same, or less.
func (p *Phone) Covers(o *Phone) bool {
	if p == nil || o == nil {
		return p == o
	}
	return !slices.ContainsFunc(o.Streams, func(b Stream) bool {
		a := p.Stream(b.Kind)
		return a == nil || a.Addr != b.Addr || a.RTCP != b.RTCP || a.Direction != b.Direction || a.Ptime != b.Ptime ||
			slices.ContainsFunc(b.codings, func(c coding) bool { return !slices.Contains(a.codings, c) })
	})
}

// find is the coding of a format at that phone.
func (s *Stream) find(f media.Format, clock int) (coding, bool) {
	for _, c := range s.codings {
		if c.Format == f && (clock == 0 || c.clock() == clock) {
			return c, true
		}
	}
	return coding{}, false
}

// HasEvents says whether the phone takes keys as events (RFC 4733).
func (s *Stream) HasEvents() bool {
	_, ok := s.find(media.TelephoneEvent, 0)
	return ok
}

// heard keeps what the phone's own description says of a line.
func (l *line) heard(their *sdp.Session, m *sdp.Media) {
	l.declared = Stream{Kind: l.kind, Direction: their.Direction(m), Ptime: m.Ptime(), codings: l.send, feedback: l.feedback}
	l.declared.Addr, _ = their.RTPAddr(m)
	l.declared.RTCP, _ = their.RTCPAddr(m)
}

// Phone is what the phone has declared; nil before it has.
func (t *Talk) Phone() *Phone {
	p := &Phone{}
	for i := range t.lines {
		l := &t.lines[i]
		switch {
		case l.refused:
			continue
		case t.session.Stream(l.kind) == nil:
			p.Why = "it carries more than sound, picture and text"
			continue
		case !l.declared.Addr.IsValid():
			return nil
		case l.crypto != nil:
			p.Why = "it is encrypted"
		}
		s := l.declared
		if l.home != nil && !l.home.proposed { // what it can do beside what it was last told
			s.codings = slices.Clone(s.codings)
			for _, c := range l.home.send {
				if _, ok := s.find(c.Format, c.clock()); !ok {
					s.codings = append(s.codings, c)
				}
			}
		}
		p.Streams = append(p.Streams, s)
	}
	if len(p.Streams) == 0 && p.Why == "" {
		return nil
	}
	return p
}

// secure says whether a profile is one of SRTP.
func secure(proto string) bool { return (&sdp.Media{Proto: proto}).Secure() }

// Knows says whether a description here can name the sound of another phone: our
// phone has the codec.
func (t *Talk) Knows(other *Phone) bool {
	audio := other.Stream(media.Audio)
	return audio != nil && slices.ContainsFunc(t.lines, func(l line) bool {
		return l.kind == media.Audio && !l.refused && l.has(audio.codings[0].Format)
	})
}

// has says whether a format was agreed on.
func (l *line) has(f media.Format) bool {
	is := func(c coding) bool { return c.Format == f }
	return slices.ContainsFunc(l.send, is) || l.home != nil && slices.ContainsFunc(l.home.send, is)
}

// Meet says what each of two phones is to be told of the other, or in words why
// they can't send to each other. Like the original's re-INVITE it names the one
// codec of sound that both will use; first chooses among those in common.
func Meet(first, second *Phone) (towardFirst, towardSecond *Phone, why string) {
	towardFirst, towardSecond = &Phone{}, &Phone{}
	for i := range first.Streams {
		a := &first.Streams[i]
		b := second.Stream(a.Kind)
		if b == nil {
			continue // stays with us
		}
		formats := shared(a, b)
		if len(formats) == 0 {
			if a.Kind == media.Audio {
				return nil, nil, "their codecs differ"
			}
			continue
		}
		if a.Kind == media.Audio {
			formats = formats[:1]
		}
		if a.Addr.Addr().Is4() != b.Addr.Addr().Is4() {
			return nil, nil, "one speaks IPv4, the other IPv6"
		}
		towardFirst.Streams = append(towardFirst.Streams, b.narrowed(formats, a))
		towardSecond.Streams = append(towardSecond.Streams, a.narrowed(formats, b))
	}
	if towardFirst.Stream(media.Audio) == nil {
		return nil, nil, "they share no sound"
	}
	return towardFirst, towardSecond, ""
}

// shared lists the formats of a that b has too, keys apart.
func shared(a, b *Stream) []media.Format {
	var out []media.Format
	for _, c := range a.codings {
		if _, ok := b.find(c.Format, 0); ok && c.Format.IsCodec() {
			out = append(out, c.Format)
		}
	}
	return out
}

// narrowed is the stream with these formats only, and with keys where who is to
// be told has them too.
func (s *Stream) narrowed(formats []media.Format, told *Stream) Stream {
	out := *s
	out.codings = nil
	for _, f := range formats {
		c, _ := s.find(f, 0)
		out.codings = append(out.codings, c)
	}
	if s.Kind != media.Audio {
		return out
	}
	clock := formats[0].Clock()
	if c, ok := s.find(media.TelephoneEvent, clock); ok {
		if _, ok := told.find(media.TelephoneEvent, clock); ok {
			out.codings = append(out.codings, c)
		}
	}
	return out
}

// Toward describes another phone's streams in place of ours; a line that the
// other phone has no stream for keeps naming us. The version is raised, and o=
// stays what it was (RFC 3264 section 8), as in the original.
func (t *Talk) Toward(other *Phone) *sdp.Session {
	s := t.Describe(sdp.SendRecv)
	ours := s.Connection
	if audio := other.Stream(media.Audio); audio != nil {
		s.Connection = sdp.ConnectionTo(audio.Addr.Addr())
	}
	for i := range t.lines {
		l, m := &t.lines[i], &s.Media[i]
		if l.refused {
			continue
		}
		st := other.Stream(l.kind)
		if st == nil {
			m.Connection = ours
			continue
		}
		if c := sdp.ConnectionTo(st.Addr.Addr()); c != s.Connection {
			m.Connection = c
		}
		t.name(l, m, st)
	}
	return s
}

// name writes a stream of another phone into a line.
func (t *Talk) name(l *line, m *sdp.Media, st *Stream) {
	m.Port, m.Formats, m.Attributes = int(st.Addr.Port()), nil, nil
	for _, c := range st.codings {
		if !l.has(c.Format) {
			continue
		}
		d := t.codecOf(&line{send: st.codings}, c)
		if c.fmtp != "" && c.Format.IsCodec() {
			d.Fmtp = c.fmtp
		}
		m.AddCodec(d)
	}
	switch l.kind {
	case media.Audio:
		if st.Ptime != 0 && st.Ptime != 20*time.Millisecond {
			m.Add("ptime", strconv.FormatInt(st.Ptime.Milliseconds(), 10))
		}
		if most := longest(st.codings[0].Format); most > 0 {
			m.Add("maxptime", strconv.Itoa(most))
		}
	case media.Video:
		for _, f := range st.feedback {
			m.Add("rtcp-fb", f.String())
		}
	}
	if rtcp := st.RTCP; rtcp.IsValid() && rtcp != st.Addr && rtcp != netip.AddrPortFrom(st.Addr.Addr(), st.Addr.Port()+1) {
		m.Add("rtcp", rtcpOf(rtcp, st.Addr.Addr()))
	}
	dir := st.Direction
	if l.theirs {
		dir = l.dir.Answer(dir)
	}
	m.SetDirection(dir)
}

// rtcpOf is the value of a=rtcp (RFC 3605), with an address where it is another.
func rtcpOf(rtcp netip.AddrPort, rtp netip.Addr) string {
	port := strconv.Itoa(int(rtcp.Port()))
	if rtcp.Addr() == rtp {
		return port
	}
	c := sdp.ConnectionTo(rtcp.Addr())
	return port + " IN " + c.AddrType + " " + c.Address
}

// TakeDirect takes the answer to an offer that named another phone. What the two
// of us agreed on before is kept for [Talk.Home]. It is false where no sound is
// left, and nothing has changed then.
func (t *Talk) TakeDirect(answer *sdp.Session) bool {
	taken := make([][]coding, len(t.lines))
	sound := false
	for i := range t.lines {
		l := &t.lines[i]
		if l.refused || i >= len(answer.Media) || answer.Media[i].Rejected() {
			continue
		}
		taken[i] = t.answered(l, &answer.Media[i])
		sound = sound || l.kind == media.Audio && taken[i] != nil
	}
	if !sound {
		return false
	}
	for i := range t.lines {
		l := &t.lines[i]
		if taken[i] == nil {
			continue
		}
		if l.home == nil {
			l.home = &agreement{send: l.send, open: l.open, proposed: !l.declared.Addr.IsValid()}
		}
		if l.open == nil {
			l.open = l.send
		}
		l.send = taken[i]
	}
	t.setRemote(answer)
	return true
}

// answered lists what an answer kept, in the phone's numbers: of all that was
// agreed on the line.
func (t *Talk) answered(l *line, m *sdp.Media) []coding {
	known := l.send
	if l.home != nil {
		known = l.home.send
	}
	out := t.inTheirOrder(m, known)
	if l.kind == media.Audio && len(out) > 0 {
		out = append(out, t.eventsOf(m, out)...)
	}
	return out
}

// agreement is what a line had before it named another phone.
type agreement struct {
	send, open []coding
	proposed   bool // only by us: the first offer named another phone already
}

// Home goes back to what we agreed on with the phone before it was told of
// another: the next description names us.
func (t *Talk) Home() {
	for i := range t.lines {
		if l := &t.lines[i]; l.home != nil {
			l.send, l.open, l.home = l.home.send, l.home.open, nil
		}
	}
}
