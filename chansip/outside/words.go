package outside

import (
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transport"
)

// Allow is what Allow says, in the original's order with what it lacks at the end.
const Allow = "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE, UPDATE, PRACK"

// Supported is what Supported says.
const Supported = "replaces, timer"

// Host is our address as the other end of a flow can reach it, as a URI has it.
func (f *Finder) Host(g *sipconf.General, flow transport.Flow) string {
	return string(sip.AppendHostPort(nil, f.Signalling(g, flow).Addr().String(), 0))
}

// AddVia adds our Via. It always asks for rport (RFC 3581), as the original does.
func (f *Finder) AddVia(b *sip.Builder, flow transport.Flow, branch string) {
	a := f.Signalling(&f.c.Settings().General, flow)
	b.Via(flow.Transport.String(), a.Addr().String(), a.Port(), branch, true)
}

// Contact is our Contact for requests to a URI on a flow, and for answers to them. A sips: URI wants one as well (RFC 3261
// sections 8.1.1.8 and 12.1.1).
func (f *Finder) Contact(g *sipconf.General, flow transport.Flow, uri, user string) string {
	a := f.Signalling(g, flow)
	b := append(make([]byte, 0, 64), "<sip:"...)
	if len(uri) > 5 && strings.EqualFold(uri[:5], "sips:") {
		b = append(b[:0], "<sips:"...)
	}
	if user != "" {
		b = append(sip.AppendEscapedUser(b, user), '@')
	}
	b = sip.AppendHostPort(b, a.Addr().String(), a.Port())
	if flow.Transport != transport.UDP {
		b = append(b, ";transport="...)
		b = append(b, flow.Transport.Param()...)
	}
	return string(append(b, '>'))
}

// URI is what we call ourselves in From: user at fromdomain, else at our address, the port left out where it is the usual
// one.
func (f *Finder) URI(g *sipconf.General, p *sipconf.Peer, flow transport.Flow, user string) string {
	domain := p.FromDomain
	if domain == "" {
		domain = g.FromDomain
	}
	if domain == "" {
		a := f.Signalling(g, flow)
		port := a.Port()
		if port == flow.Transport.DefaultPort() {
			port = 0
		}
		domain = string(sip.AppendHostPort(nil, a.Addr().String(), port))
	}
	return "sip:" + string(sip.AppendEscapedUser(nil, user)) + "@" + domain
}

// NewTag is a tag of ours, in the original's shape.
func NewTag() string {
	var r [4]byte
	rand.Read(r[:])
	return "as" + hex.EncodeToString(r[:])
}

// NewCallID is a Call-ID of ours on a flow, in the original's shape.
func (f *Finder) NewCallID(g *sipconf.General, flow transport.Flow) string {
	return newCallID(f.Signalling(g, flow))
}

func newCallID(a netip.AddrPort) string {
	var r [16]byte
	rand.Read(r[:])
	return hex.EncodeToString(r[:]) + "@" + a.String()
}
