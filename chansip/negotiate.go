package chansip

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// talk is what a leg and its phone have agreed on about sound, picture and text:
// the offer and answer of RFC 3264. The leg guards it.
type talk struct {
	session *rtp.Session
	peer    *Peer
	general *General
	addr    netip.Addr // where the phone is told to send: ours, as it can be reached
	signal  netip.Addr // where its signalling comes from

	origin  uint64 // of our o= line
	version uint64
	lines   []line // in the order of the m= lines, of theirs or ours
	held    bool   // they hold us
	remote  string // their last description's session id and version
}

// line is one m= line.
type line struct {
	kind     media.Kind
	offered  sdp.Media     // theirs; zero where we offer
	codecs   []sdp.Codec   // of theirs
	theirs   bool          // they offered
	dir      sdp.Direction // of their offer
	payloads []rtp.Payload // agreed on, in their numbers, best first; what we may send
	receive  []rtp.Payload // in ours, where the numbers differ
	refused  bool
}

// events is the payload type that we give telephone events in an offer.
const events = 101

// dynamic are the payload types that we give formats without a static one.
var dynamic = map[media.Format]uint8{
	media.Opus: 107, media.ILBC: 97, media.Speex: 110, media.Speex16: 117, media.G726: 111, media.G726AAL2: 112,
	media.Slin: 119, media.Slin16: 118, media.Siren7: 102, media.Siren14: 115, media.G719: 116,
	media.H263P: 98, media.H264: 99, media.MPEG4: 104, media.VP8: 108, media.VP9: 109, media.H265: 113, media.AV1: 114,
	media.T140: 106, media.Red: 105,
}

func newTalk(d *Driver, set *Settings, peer *Peer, addr, signal netip.Addr, hooks rtp.Hooks) (*talk, error) {
	s, err := d.cfg.Media.Open(rtp.SessionConfig{
		Bind: mediaBind(set, addr), Video: peer.Video, Text: peer.Text, Hooks: hooks,
	})
	if err != nil {
		return nil, err
	}
	id := uint64(rand.Uint32N(1<<31-1)) + 1
	return &talk{session: s, peer: peer, general: &set.General, addr: addr, signal: signal, origin: id, version: id}, nil
}

// mediaBind is where RTP listens: rtpbindaddr, else everywhere of the family
// that the phone is told.
func mediaBind(set *Settings, addr netip.Addr) netip.Addr {
	if set.General.RTPBind.IsValid() {
		return set.General.RTPBind
	}
	if addr.IsLoopback() {
		return addr
	}
	if addr.Is6() {
		return netip.IPv6Unspecified()
	}
	return netip.Addr{}
}

// common lists what an offer's line and a list of formats share: in the order of
// the list, with the numbers of the offer.
func common(codecs []sdp.Codec, allow []media.Format) []rtp.Payload {
	var out []rtp.Payload
	for _, f := range allow {
		for _, c := range codecs {
			if g, ok := media.BySDP(c.Name, c.Clock); ok && g == f {
				out = append(out, rtp.Payload{Type: c.Payload, Format: f})
				break
			}
		}
	}
	return out
}

// telephoneEvents are the payload types of pressed keys in an offer, for the
// clocks of the formats agreed on.
func telephoneEvents(codecs []sdp.Codec, agreed []rtp.Payload) []rtp.Payload {
	var out []rtp.Payload
	for _, c := range codecs {
		f, ok := media.BySDP(c.Name, c.Clock)
		if !ok || f != media.TelephoneEvent {
			continue
		}
		if slices.ContainsFunc(agreed, func(p rtp.Payload) bool { return p.Format.Clock() == c.Clock }) {
			out = append(out, rtp.Payload{Type: c.Payload, Format: f, Clock: c.Clock})
		}
	}
	return out
}

// takeOffer takes an offer in, and agrees on formats. It is false where no sound
// is shared, and nothing has changed then: 488. A line that is not wanted, or twice there, is refused by
// itself.
func (t *talk) takeOffer(offer *sdp.Session) bool {
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
func (t *talk) formats(k media.Kind) []media.Format {
	var out []media.Format
	for _, f := range t.peer.Formats {
		if f.Kind() == k {
			out = append(out, f)
		}
	}
	return out
}

// narrow keeps, of the formats agreed on, those that another leg has too, or
// that can be made of what it has. Where that would leave nothing, everything
// stays.
func (t *talk) narrow(with []media.Format) {
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

// reachable says whether a format can be made of one of a list: is in it, or is
// the other law of G.711.
func reachable(f media.Format, of []media.Format) bool {
	if slices.Contains(of, f) {
		return true
	}
	return f == media.Ulaw && slices.Contains(of, media.Alaw) || f == media.Alaw && slices.Contains(of, media.Ulaw)
}

// sortBy puts codecs in the order of a list, those not in it behind, and events
// last.
func sortBy(ps []rtp.Payload, order []media.Format) {
	place := func(p rtp.Payload) int {
		if !p.Format.IsCodec() {
			return len(order) + 1
		}
		if i := slices.Index(order, p.Format); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(ps, func(a, b rtp.Payload) int { return place(a) - place(b) })
}

// setRemote tells the media plane what a description of theirs says.
func (t *talk) setRemote(their *sdp.Session) {
	t.remote = their.Origin.SessionID + " " + their.Origin.Version
	t.held = false
	for i := range t.lines {
		l := &t.lines[i]
		st := t.session.Stream(l.kind)
		if l.refused || st == nil || i >= len(their.Media) {
			continue
		}
		m := &their.Media[i]
		if l.kind == media.Audio {
			t.held = their.OnHold(m)
		}
		addr, _ := their.RTPAddr(m)
		r := rtp.Remote{
			Addr: addr, Payloads: l.payloads, Receive: l.receive, Direction: direction(their.Direction(m)),
			Symmetric: t.symmetric(addr), Signal: t.signal, Ptime: t.ptime(m, l.payloads),
		}
		if rtcp, ok := their.RTCPAddr(m); ok {
			r.RTCP = rtcp
		}
		if err := st.SetRemote(r); err != nil {
			l.refused = true
		}
	}
}

// direction is the other side's direction seen from ours.
func direction(d sdp.Direction) rtp.Direction {
	switch d.Reverse() {
	case sdp.SendOnly:
		return rtp.SendOnly
	case sdp.RecvOnly:
		return rtp.RecvOnly
	case sdp.Inactive:
		return rtp.Inactive
	}
	return rtp.SendRecv
}

// symmetric says whether sound is sent where it comes from. A phone whose
// description names another address than it calls from is behind NAT.
func (t *talk) symmetric(addr netip.AddrPort) bool {
	nat := t.peer.NAT
	return nat.Comedia || nat.AutoComedia && t.signal.IsValid() && addr.Addr().Unmap() != t.signal.Unmap()
}

func (t *talk) ptime(m *sdp.Media, agreed []rtp.Payload) time.Duration {
	if len(agreed) > 0 {
		if p, ok := t.peer.Ptime[agreed[0].Format]; ok {
			return p
		}
	}
	return m.Ptime()
}

// offer describes what we would like: with lists the formats that the other leg
// has, nil for whatever the account allows.
func (t *talk) offer(with []media.Format) *sdp.Session {
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
	return t.describe(sdp.SendRecv)
}

func payloadOf(f media.Format) uint8 {
	if pt := f.Payload(); pt != media.NoPayload {
		return uint8(pt)
	}
	return dynamic[f]
}

// takeAnswer takes the answer to our offer in. It is false where no sound is left.
func (t *talk) takeAnswer(answer *sdp.Session) bool {
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

// agreed lists the codecs agreed on, sound first.
func (t *talk) agreed() []media.Format {
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

// answer describes what was agreed on, a line for each of theirs.
func (t *talk) answer() *sdp.Session { return t.describe(sdp.SendRecv) }

// describe writes a description of ours. Each has a higher version than the one
// before; the first has the number of the session.
func (t *talk) describe(want sdp.Direction) *sdp.Session {
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

// codecOf is a payload as a description names it. The parameters of a format
// that only passes through are the other phone's own.
func codecOf(p rtp.Payload, theirs []sdp.Codec) sdp.Codec {
	clock := p.Clock
	if clock == 0 {
		clock = p.Format.Clock()
	}
	c := sdp.Codec{Payload: p.Type, Name: p.Format.Encoding(), Clock: clock, Channels: p.Format.Channels(), Fmtp: p.Format.Fmtp()}
	for _, t := range theirs {
		if t.Payload == p.Type && t.Fmtp != "" && p.Format.IsCodec() {
			c.Fmtp = t.Fmtp
		}
	}
	return c
}
