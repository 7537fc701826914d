package talk

import (
	"math/rand/v2"
	"net/netip"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
	"obelus/sip/sdp"
)

// Talk is what a leg and its phone have agreed on. It has no lock: the leg guards
// it.
type Talk struct {
	session *rtp.Session
	peer    *sipconf.Peer
	general *sipconf.General
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
	s, err := c.Plane.Open(rtp.SessionConfig{
		Bind: bind(c.General, c.Addr), Video: c.Peer.Video, Text: c.Peer.Text, Hooks: c.Hooks, Near: c.Near,
	})
	if err != nil {
		return nil, err
	}
	id := uint64(rand.Uint32N(1<<31-1)) + 1
	return &Talk{session: s, peer: c.Peer, general: c.General, addr: c.Addr, signal: c.Signal, origin: id, version: id}, nil
}

// Session is the leg's media.
func (t *Talk) Session() *rtp.Session { return t.session }

// Held says whether the phone holds us.
func (t *Talk) Held() bool { return t.held }

// bind is where RTP listens: rtpbindaddr, else everywhere of the family that the
// phone is told.
func bind(g *sipconf.General, addr netip.Addr) netip.Addr {
	if g.RTPBind.IsValid() {
		return g.RTPBind
	}
	if addr.IsLoopback() {
		return addr
	}
	if addr.Is6() {
		return netip.IPv6Unspecified()
	}
	return netip.Addr{}
}
