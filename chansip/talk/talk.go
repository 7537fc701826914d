package talk

import (
	"math/rand/v2"
	"net/netip"
	"slices"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/media/srtp"
	"obelus/media/wire"
	"obelus/sip/sdp"
)

// Talk is what a leg and its phone have agreed on. It has no lock: the leg guards
// it.
type Talk struct {
	session    *rtp.Session
	peer       *sipconf.Peer
	general    *sipconf.General
	translates func(from, to media.Format) bool
	addr       netip.Addr // where the phone is told to send: ours, as it can be reached
	signal     netip.Addr // where its signalling comes from

	origin  uint64 // of our o= line
	version uint64
	lines   []line               // in the order of the m= lines, of theirs or ours
	far     Far                  // the other leg of the call, as far as it is known
	fax     bool                 // T.38 instead of sound
	faxAs   []media.FaxParameter // what the phone is told of the other machine
	held    bool                 // they hold us
	remote  string               // their last description's session id and version
}

// line is one m= line.
type line struct {
	kind     media.Kind
	proto    string        // profile: RTP/AVP
	offered  sdp.Media     // theirs; zero where we offer
	dir      sdp.Direction // of their offer
	theirs   bool          // they offered
	send     []coding      // agreed on, in their numbers, best first; what we may send
	open     []coding      // all that we offered, in our numbers; nil where they offered
	feedback []feedback    // what they said that they can be asked for
	framing  int           // milliseconds a packet that they asked for, with autoframing; 0: as we like
	refused  bool
	keys     []ourKey     // that we say; nil for plain RTP
	crypto   *srtp.Crypto // in force
	declared Stream       // what the phone's own description says
	home     *agreement   // what was agreed with us, while the line names another phone
}

// ours are the payload types of our own description: what was agreed on, under
// our numbers.
func (l *line) ours() []coding {
	if l.open == nil || l.send == nil {
		return l.send
	}
	return slices.DeleteFunc(slices.Clone(l.open), func(o coding) bool {
		return !slices.ContainsFunc(l.send, func(c coding) bool { return c.Format == o.Format && c.clock() == o.clock() })
	})
}

// Config is what a talk is opened with.
type Config struct {
	Plane   *rtp.Plane
	General *sipconf.General
	Peer    *sipconf.Peer // the account, or the settings of guests
	Addr    netip.Addr    // what the phone is told: ours, as it can reach us
	Signal  netip.Addr    // where the phone's signalling comes from
	Hooks   rtp.Hooks
	Near    *rtp.Session // the other leg's, where there is one; may be nil
}

// Open takes media ports for a leg. Nobody gets them who has not proved who they
// are (security class 24); [rtp.Session.Close] gives them back.
func Open(c Config) (*Talk, error) {
	mark := func(m sipconf.Marks) wire.Mark { return wire.Mark{TOS: m.TOS, Priority: m.COS} }
	s, err := c.Plane.Open(rtp.SessionConfig{
		AudioMark: mark(c.General.AudioMarks), VideoMark: mark(c.General.VideoMarks), TextMark: mark(c.General.TextMarks),
		Bind: bind(c.General, c.Addr), Video: c.Peer.Video, Text: c.Peer.Text, Hooks: c.Hooks, Near: c.Near,
	})
	if err != nil {
		return nil, err
	}
	id := uint64(rand.Uint32N(1<<31-1)) + 1
	t := &Talk{session: s, peer: c.Peer, general: c.General, translates: c.Plane.Translates, addr: c.Addr, signal: c.Signal, origin: id, version: id}
	return t, nil
}

// Session is the leg's media.
func (t *Talk) Session() *rtp.Session { return t.session }

// Addr is the address that the phone is told to send to.
func (t *Talk) Addr() netip.Addr { return t.addr }

// Held says whether the phone holds us.
func (t *Talk) Held() bool { return t.held }

// Agreed lists the codecs agreed on, sound first.
func (t *Talk) Agreed() []media.Format {
	var out []media.Format
	for _, k := range kinds {
		for i := range t.lines {
			if l := &t.lines[i]; l.kind == k && !l.refused {
				out = appendFormats(out, l.send)
			}
		}
	}
	return out
}

// kinds are the streams of RTP, in the order of our offers.
var kinds = [...]media.Kind{media.Audio, media.Video, media.Text}

// bind is where RTP listens: rtpbindaddr where it is of the family that the phone
// is told, else everywhere of that family.
func bind(g *sipconf.General, addr netip.Addr) netip.Addr {
	if a := g.RTPBind; a.IsValid() && (a.Is4() == addr.Is4() || a == netip.IPv6Unspecified()) {
		return a
	}
	if addr.IsLoopback() {
		return addr
	}
	if addr.Is6() {
		return netip.IPv6Unspecified()
	}
	return netip.Addr{}
}
