package stun

import (
	"net/netip"
	"time"
)

// Amplification is how many times as large as its request an answer is at most, both with the headers of IP and UDP.
const Amplification = 2

// The headers of IP and UDP.
const (
	wire4 = 20 + 8
	wire6 = 40 + 8
)

// most is how many bytes the answer to a request may have.
func most(request int, to netip.Addr) int {
	wire := wire6
	if to.Is4() {
		wire = wire4
	}
	return Amplification*(request+wire) - wire
}

// side is one of the up to four sockets of RFC 5780: another port, another address, or both.
type side uint8

const (
	otherPort side = 1 << iota
	otherAddr
	sides = 4
)

// Flags of CHANGE-REQUEST (RFC 5780 section 7.2).
const (
	changeAddr = 4
	changePort = 2
)

// asked is a request and what its answer needs to know.
type asked struct {
	m        Message
	size     int // of the datagram
	from     netip.AddrPort
	at       netip.AddrPort         // our address that was asked; invalid where the system does not say
	on       side                   // the socket that was asked
	addrs    *[sides]netip.AddrPort // of the sockets there are
	flags    byte                   // of CHANGE-REQUEST
	finger   bool                   // has a FINGERPRINT
	unknown  [8]Attr
	unknowns int
}

// read takes the attributes in.
func (q *asked) read() {
	for a, v := range q.m.Attrs() {
		switch a {
		case ChangeRequest:
			if len(v) == 4 {
				q.flags = v[3]
			}
			if len(v) != 4 || !q.addrs[q.by()].IsValid() {
				q.doesNotKnow(a)
			}
		case Fingerprint:
			q.finger = true
		case Username, Integrity, IntegritySHA256, Realm, Nonce, PasswordAlg, Userhash, Priority, UseCandidate:
			// There are no passwords here, and no candidates to choose.
		default:
			if a < 0x8000 {
				q.doesNotKnow(a)
			}
		}
	}
}

func (q *asked) doesNotKnow(a Attr) {
	if q.unknowns < len(q.unknown) {
		q.unknown[q.unknowns] = a
		q.unknowns++
	}
}

// by is the socket that the answer is to leave by.
func (q *asked) by() side {
	by := q.on
	if q.flags&changePort != 0 {
		by ^= otherPort
	}
	if q.flags&changeAddr != 0 {
		by ^= otherAddr
	}
	return by
}

// origin is the address that the answer leaves from: of another socket where CHANGE-REQUEST wants one, which on a socket that
// listens everywhere is the same address with another port.
func (q *asked) origin() netip.AddrPort {
	by := q.by()
	if by == q.on {
		return q.at
	}
	if a := q.addrs[by]; !a.Addr().IsUnspecified() {
		return a
	}
	return netip.AddrPortFrom(q.at.Addr(), q.addrs[by].Port())
}

// answer appends the answer to a request to dst, and says by which socket and from which address of ours it goes; nil where
// there is none.
func (s *Server) answer(dst, b []byte, from, at netip.AddrPort, on side, addrs *[sides]netip.AddrPort) ([]byte, side, netip.AddrPort) {
	s.count.received.Add(1)
	m, err := Parse(b)
	if err != nil || m.Kind != BindingRequest || from.Port() == 0 || !single(from.Addr()) {
		s.count.dropped.Add(1)
		return nil, on, at
	}
	if !s.limit.allow(from.Addr(), time.Now()) {
		s.count.limited.Add(1)
		return nil, on, at
	}
	q := asked{m: m, size: len(b), from: from, at: at, on: on, addrs: addrs}
	q.read()
	if q.unknowns > 0 {
		s.count.refused.Add(1)
		return q.refusal(dst), on, at
	}
	s.count.answered.Add(1)
	return q.success(dst, s.software), q.by(), q.origin()
}

// single says whether an address is that of one host.
func single(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// success answers where the request came from. What is of least use is left out first where the answer would be too large.
func (q *asked) success(dst []byte, software string) []byte {
	w := begin(dst, BindingSuccess, q.m.ID, most(q.size, q.from.Addr()))
	finger := 0
	if q.finger {
		finger = fingerprintSize
	}
	mine, mapped := &q.m.ID, XORMappedAddress
	origin, other := ResponseOrigin, OtherAddress
	if q.m.ID.Classic() {
		mine, mapped = nil, MappedAddress
		origin, other = SourceAddress, ChangedAddress
	}
	w.address(mapped, q.from, mine)
	if a := q.addrs[q.on^(otherPort|otherAddr)]; a.IsValid() && w.fits(addressSize(a), finger) {
		w.address(other, a, nil)
	}
	if a := q.origin(); a.IsValid() && w.fits(addressSize(a), finger) {
		w.address(origin, a, nil)
	}
	if software != "" && !q.m.ID.Classic() && w.fits(len(software), finger) {
		w.text(Software, software)
	}
	return w.end(q.finger)
}

// refusal answers 420: there are attributes that must be understood (RFC 8489 section 6.3.1).
func (q *asked) refusal(dst []byte) []byte {
	const reason = "Unknown Attribute"
	w := begin(dst, BindingError, q.m.ID, most(q.size, q.from.Addr()))
	w.attr(ErrorCode, 4+len(reason))
	w.b = append(w.b, 0, 0, 4, 20)
	w.b = append(w.b, reason...)
	w.pad()
	n := q.unknowns
	for n > 1 && !w.fits(2*n, fingerprintSize) {
		n--
	}
	listed := q.unknown[:n]
	if q.m.ID.Classic() && n%2 == 1 {
		q.unknown[n] = q.unknown[n-1] // RFC 3489 section 11.2.10: the last one twice fills the word
		listed = q.unknown[:n+1]
	}
	w.attr(UnknownAttrs, 2*len(listed))
	for _, a := range listed {
		w.b = append(w.b, byte(a>>8), byte(a))
	}
	w.pad()
	return w.end(q.finger)
}
