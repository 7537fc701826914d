package transport

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Transport is what carries a message, as the Via header names it.
type Transport uint8

// The transports.
const (
	UDP Transport = iota + 1
	TCP
	TLS
	WS
	WSS
)

var transportNames = [...]string{UDP: "UDP", TCP: "TCP", TLS: "TLS", WS: "WS", WSS: "WSS"}

// String returns the name as a Via header has it: UDP, TCP, TLS, WS, WSS.
func (t Transport) String() string {
	if int(t) < len(transportNames) && t != 0 {
		return transportNames[t]
	}
	return "NONE"
}

// Param returns the name as a URI parameter has it: udp, tcp, tls, ws, wss.
func (t Transport) Param() string { return strings.ToLower(t.String()) }

// Reliable reports whether the transport delivers what it accepts, so that nothing need be sent twice.
func (t Transport) Reliable() bool { return t > UDP }

// Secure reports whether the transport is encrypted.
func (t Transport) Secure() bool { return t == TLS || t == WSS }

// DefaultPort is the port of a host that names none (RFC 3261 section 19.1.2).
func (t Transport) DefaultPort() uint16 {
	switch t {
	case TLS:
		return 5061
	case WS:
		return 80
	case WSS:
		return 443
	default:
		return 5060
	}
}

// ParseTransport reads udp, tcp, tls, ws or wss in any case.
func ParseTransport(s string) (Transport, bool) {
	for t, name := range transportNames {
		if name != "" && strings.EqualFold(s, name) {
			return Transport(t), true
		}
	}
	return 0, false
}

// What sending on a flow may fail with, beside errors of the system.
var (
	// ErrNoFlow is returned by the zero Flow.
	ErrNoFlow = errors.New("no flow")
	// ErrFlowClosed says that the socket or connection of the flow is gone.
	ErrFlowClosed = errors.New("the flow is closed")
	// ErrFlowFull says that the peer takes its bytes too slowly; its connection is being closed.
	ErrFlowFull = errors.New("the peer reads too slowly")
	// ErrTooBig says that a datagram can't hold the message.
	ErrTooBig = errors.New("the message is too big for a datagram")
)

// link is what a flow goes by: a UDP socket or a connection.
type link interface {
	// send sends b, which it does not keep. When later is true it may be sent with others at the end of the batch that is being
	// served, and an error may go unreported.
	send(b []byte, local, remote netip.AddrPort, later bool) error
	alive() bool
	number() uint64
}

// Flow is the way a message came, and the way back: transport, our address, the peer's address, and the socket or connection.
// It is a small value: copy it, compare it, keep it. It does not keep a connection open. The zero Flow goes nowhere.
type Flow struct {
	Transport Transport
	Local     netip.AddrPort // the address that was asked, also on a wildcard socket
	Remote    netip.AddrPort

	link link
}

// Send sends the bytes of one message. It never dials and never waits for the peer; b may be used again at once.
func (f Flow) Send(b []byte) error {
	if f.link == nil {
		return ErrNoFlow
	}
	return f.link.send(b, f.Local, f.Remote, false)
}

// Reply sends the answer to a message being served. It differs from Send in that answers given while a batch of datagrams is
// being served may leave together at its end, and an error of such a send is counted but not returned.
func (f Flow) Reply(b []byte) error {
	if f.link == nil {
		return ErrNoFlow
	}
	return f.link.send(b, f.Local, f.Remote, true)
}

// To returns the flow from the same UDP socket to another address. A connection has one peer only: its flow is returned as it is.
func (f Flow) To(remote netip.AddrPort) Flow {
	if f.Transport == UDP && remote.IsValid() {
		f.Remote = remote
	}
	return f
}

// Alive reports whether the socket or connection is still there.
func (f Flow) Alive() bool { return f.link != nil && f.link.alive() }

// IsZero reports whether f is the zero Flow.
func (f Flow) IsZero() bool { return f.link == nil }

// Connection numbers the socket or connection within this run of the server.
func (f Flow) Connection() uint64 {
	if f.link == nil {
		return 0
	}
	return f.link.number()
}

// String names the flow for logs: "udp 192.0.2.1:5060 198.51.100.7:40312"; for a connection its number follows.
// [Layer.Find] finds a living flow by this name, so a registration can keep it as text.
func (f Flow) String() string {
	s := f.Transport.Param() + " " + f.Local.String() + " " + f.Remote.String()
	if f.Transport.Reliable() {
		s += " #" + strconv.FormatUint(f.Connection(), 10)
	}
	return s
}

// Direction says which way traced bytes went.
type Direction bool

// The directions of a trace.
const (
	In  Direction = false
	Out Direction = true
)

// Trace is told every message that goes in or out (Asterisk's "sip set debug"). It must not keep or change b.
type Trace func(d Direction, f Flow, b []byte)
