package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"obelus/media"
	"obelus/media/srtp"
)

// Direction says which way a stream flows, from where we stand (RFC 3264
// §5.1): SendOnly is that we send and the phone listens.
type Direction uint8

// The directions of a stream.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// String returns the direction as in SDP.
func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d&3]
}

func (d Direction) sends() bool    { return d == SendRecv || d == SendOnly }
func (d Direction) receives() bool { return d == SendRecv || d == RecvOnly }

// Payload binds a payload type to what it carries.
type Payload struct {
	Type   uint8
	Format media.Format
	Clock  int // RTP clock where it is not the format's own: telephone-event/48000
	// Ptime is how much sound a packet has to carry, where the account asks for it
	// (allow=ulaw:30): what is passed on is cut anew. 0 is as it comes.
	Ptime time.Duration
}

func (p Payload) clock() int {
	if p.Clock > 0 {
		return p.Clock
	}
	return p.Format.Clock()
}

// Remote is what an offer and answer settled about the far end of a stream.
type Remote struct {
	// Addr is where the far end said that it listens: the c= line and the port
	// of the m= line. With no address or 0.0.0.0 (the hold of RFC 2543)
	// nothing is sent.
	Addr netip.AddrPort
	// RTCP is where it wants RTCP (a=rtcp, RFC 3605); zero for the port after
	// Addr's.
	RTCP netip.AddrPort
	// Mux says that both sides do RTP and RTCP on one port (RFC 5761).
	Mux bool
	// Payloads is what we may send, numbered as the far end numbered it, best
	// first: the first codec is the one to play with.
	Payloads []Payload
	// Receive is what the far end may send, numbered as we did in our
	// description; nil where both sides use the same numbers.
	Receive []Payload
	// Direction is which way the stream flows.
	Direction Direction
	// Symmetric says that the far end may be behind NAT: send where its
	// packets come from, whatever Addr says (nat=comedia).
	Symmetric bool
	// Signal is the address that the far end's signalling came from. A source
	// with this address is believed before others, and an Addr with it needs
	// no proof that somebody listens there.
	Signal netip.Addr
	// Elsewhere says that the phone was told to talk to somebody else (direct
	// media): it gets no reports and no keepalives of ours, which it would take
	// for a second voice. What it sends here, and what is said to it, passes.
	Elsewhere bool
	// Ptime is how much sound goes into a packet that we make, where its Payload
	// does not say; 0 for 20 ms.
	Ptime time.Duration
	// Crypto makes the stream SRTP; nil leaves it plain. With the keys of before
	// it goes on without a seam.
	Crypto *srtp.Crypto
}

// ErrPayload is returned for a payload type above 127, or one that RTCP's
// packet types would hide (RFC 5761 §4).
var ErrPayload = errors.New("payload type can't be used")

// payload is a row of a receiving table: what a payload type means.
type payload struct {
	format media.Format
	clock  uint32
}

// payloadTable is what each payload type of a description means. There are two
// or three as a rule, so it is a list: 2,000 streams' tables stay in the cache.
type payloadTable []payloadRow

type payloadRow struct {
	pt uint8
	payload
}

// find is the payload of a type, and none for one that was not agreed on.
func (t payloadTable) find(pt uint8) payload {
	for i := range t {
		if t[i].pt == pt {
			return t[i].payload
		}
	}
	return payload{}
}

// receiveTable lists the payloads. Of two with one number the last counts.
func receiveTable(list []Payload) (payloadTable, error) {
	t := make(payloadTable, 0, len(list))
	for _, p := range list {
		if err := checkPayload(p); err != nil {
			return nil, err
		}
		row := payloadRow{p.Type, payload{p.Format, uint32(p.clock())}}
		if i := slices.IndexFunc(t, func(r payloadRow) bool { return r.pt == p.Type }); i >= 0 {
			t[i] = row
			continue
		}
		t = append(t, row)
	}
	return t, nil
}

func checkPayload(p Payload) error {
	if p.Type > 127 || p.Type >= 72 && p.Type <= 76 {
		return fmt.Errorf("%s as payload type %d: %w", p.Format, p.Type, ErrPayload)
	}
	return nil
}

// rtcpAddr is where the far end's RTCP goes.
func (r *Remote) rtcpAddr() netip.AddrPort {
	switch {
	case r.Mux:
		return r.Addr
	case r.RTCP.IsValid() && r.RTCP.Port() != 0:
		return r.RTCP
	case !r.Addr.IsValid() || r.Addr.Port() == 65535:
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(r.Addr.Addr(), r.Addr.Port()+1)
}

// listens says whether packets can be sent to the address at all.
func listens(a netip.AddrPort) bool {
	return a.IsValid() && a.Port() != 0 && !a.Addr().IsUnspecified()
}
