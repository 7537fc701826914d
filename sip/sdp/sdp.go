// Package sdp reads and prints session descriptions (RFC 4566, RFC 8866) and knows the rules of offer and answer (RFC 3264).
//
// The parser is lenient on purpose: phones send t= before c=, leave lines out, forget the last line end, write b= without a colon
// or reject streams in odd ways. Whatever can be represented is accepted; lines that are not understood are kept and printed again.
// What is refused is what could hurt: a body that is no description at all, or one that is unreasonably large.
//
// Codecs are names here ("PCMU", "opus"); what they sound like is not this package's business.
package sdp

import (
	"net/netip"
	"strconv"
	"strings"
)

// ContentType is the media type of a session description in a SIP body.
const ContentType = "application/sdp"

// Session is a whole description: what holds for all streams, then the streams in the order of their m= lines. That order is
// what ties an answer to its offer (RFC 3264 §6).
type Session struct {
	Origin     Origin      // o=; the zero Origin is not printed
	Name       string      // s=; "" stands for "-"
	Connection Connection  // c= that holds for all media without their own
	Bandwidth  []Bandwidth // b=
	Timing     string      // the first t=; "" stands for "0 0"
	Attributes []Attribute // a= before the first m=
	Other      []string    // whole lines that are none of the above, in their order
	Media      []Media
}

// Origin is the o= line: who made the description, and which version of it this is. A peer that sends the same Version again
// has changed nothing.
type Origin struct {
	User      string
	SessionID string
	Version   string
	AddrType  string // "IP4" or "IP6"
	Address   string
}

// NewOrigin gives the o= line of a description of our own. A changed description of the same session has the next version.
func NewOrigin(user string, id, version uint64, addr netip.Addr) Origin {
	c := ConnectionTo(addr)
	return Origin{User: user, SessionID: strconv.FormatUint(id, 10), Version: strconv.FormatUint(version, 10),
		AddrType: c.AddrType, Address: c.Address}
}

// Connection is a c= line. Address may be a host name, and for multicast it carries its "/ttl".
type Connection struct {
	AddrType string // "IP4" or "IP6"
	Address  string
}

// ConnectionTo gives the c= line for an address.
func ConnectionTo(addr netip.Addr) Connection {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		return Connection{AddrType: "IP6", Address: addr.String()}
	}
	return Connection{AddrType: "IP4", Address: addr.String()}
}

// IP returns the address of the line, if it is one and not a host name. Multicast's "/ttl" is left off.
func (c Connection) IP() (netip.Addr, bool) {
	s, _, _ := strings.Cut(c.Address, "/")
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// Bandwidth is a b= line: "AS" counts kilobits a second, "TIAS" bits.
type Bandwidth struct {
	Type  string
	Value int
}

// Attribute is an a= line. A property attribute ("a=sendrecv") has no Value.
type Attribute struct {
	Name  string
	Value string
}

// Media is one stream: an m= line and the lines below it.
type Media struct {
	Kind       string   // "audio", "video", "image", "application", "message" ...
	Port       int      // 0: rejected or disabled
	PortCount  int      // of "port/count"; 0 when not given
	Proto      string   // "RTP/AVP", "RTP/SAVP", "udptl" ...
	Formats    []string // payload types for RTP, names otherwise ("t38")
	Connection Connection
	Bandwidth  []Bandwidth
	Attributes []Attribute
	Other      []string // whole lines that are none of the above
}

// Attr returns the value of the first session attribute of that name.
func (s *Session) Attr(name string) (string, bool) { return attr(s.Attributes, name) }

// Attr returns the value of the stream's first attribute of that name.
func (m *Media) Attr(name string) (string, bool) { return attr(m.Attributes, name) }

// Add appends an attribute to the stream; an empty value makes a property ("a=rtcp-mux").
func (m *Media) Add(name, value string) {
	m.Attributes = append(m.Attributes, Attribute{Name: name, Value: value})
}

func attr(as []Attribute, name string) (string, bool) {
	for i := range as {
		if strings.EqualFold(as[i].Name, name) {
			return as[i].Value, true
		}
	}
	return "", false
}
