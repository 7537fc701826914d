package direct

import (
	"fmt"
	"net/netip"

	"obelus/chansip/outside"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/media"
)

// Early says whether the phone of a caller may be named in the INVITE to another
// already, for directrtpsetup=yes. Where that one is called stands for the address
// that it has not said yet.
func Early(caller View, called *sipconf.Peer, at netip.Addr) bool {
	at = at.Unmap()
	if caller.Phone == nil || caller.against() != "" || Never(called) != "" {
		return false
	}
	for _, s := range caller.Phone.Streams {
		if addr := s.Addr.Addr().Unmap(); !called.DirectACL.Allows(addr) || addr.Is4() != at.Is4() {
			return false
		}
	}
	return caller.Peer.DirectACL.Allows(at) && Apart(caller.General, caller.Peer, called, Audio(caller.Phone), at) == ""
}

// denied says which stream of another phone the account may not be told of:
// directmediapermit, directmediadeny, directmediaacl.
func denied(v *View, to *talk.Phone) string {
	for _, s := range to.Streams {
		if !v.Peer.DirectACL.Allows(s.Addr.Addr()) {
			return fmt.Sprintf("directmediadeny or directmediaacl of %s keeps it from %s", v.Name, s.Addr.Addr())
		}
	}
	return ""
}

// Audio is where a phone has its sound.
func Audio(p *talk.Phone) netip.Addr {
	if s := p.Stream(media.Audio); s != nil {
		return s.Addr.Addr()
	}
	return netip.Addr{}
}

// Apart says why the media addresses of two accounts can't reach each other, ""
// where they may: they are on two sides of our own NAT, or one is of a private
// network and the other not. Where both accounts say directmedia=yes, whatever the
// address, the last does not count.
func Apart(g *sipconf.General, p, q *sipconf.Peer, x, y netip.Addr) string {
	x, y = x.Unmap(), y.Unmap()
	switch {
	case outside.Beyond(g, x) != outside.Beyond(g, y):
		return "one is inside localnet, the other outside"
	case x.IsLoopback() != y.IsLoopback():
		return "one is on the server itself"
	case talk.Inner(x) != talk.Inner(y) && (p.Direct.NoNAT || q.Direct.NoNAT):
		return "one has a private address, the other a public one"
	}
	return ""
}

// Never says why an account's phones are never told of another, whatever they are
// and do; "" where they may be.
func Never(p *sipconf.Peer) string {
	switch {
	case !p.Direct.Allowed:
		return "directmedia=no"
	case p.NAT.Comedia:
		return "nat=" + p.NAT.String()
	}
	return ""
}

// against is what speaks against direct media from this side alone.
func (v *View) against() string {
	if why := Never(v.Peer); why != "" {
		return v.Name + " has " + why
	}
	switch {
	case v.Refused != "":
		return v.Refused
	case v.Fax:
		return v.Name + " sends a fax"
	case v.Phone.Why != "":
		return fmt.Sprintf("%s: %s", v.Name, v.Phone.Why)
	case v.Peer.CompensateDTMF:
		return v.Name + " has rfc2833compensate=yes: its keys are sent anew here"
	case v.Held:
		return v.Name + " is on hold"
	case v.Users > 0:
		return "something here talks to " + v.Name
	}
	return v.behind()
}

// behind says whether the phone turned out to be behind NAT. Sound that comes from
// elsewhere than the phone says is always a sign. Where the account says nonat,
// which is the default, so are a Contact that names another address than its
// messages come from, and an inner address of a phone that calls from a public one.
func (v *View) behind() string {
	for _, s := range v.Phone.Streams {
		if at := v.Learned(s.Kind); at.IsValid() && at != netip.AddrPortFrom(s.Addr.Addr().Unmap(), s.Addr.Port()) {
			return fmt.Sprintf("%s sends from %s and not from %s as it says: it is behind NAT", v.Name, at, s.Addr)
		}
		addr, from := s.Addr.Addr().Unmap(), v.From.Unmap()
		if s.Symmetric || v.Peer.Direct.NoNAT && talk.Inner(addr) && !talk.Inner(from) {
			return fmt.Sprintf("%s calls from %s and wants sound at %s: it is behind NAT", v.Name, from, addr)
		}
	}
	if v.Peer.Direct.NoNAT && v.Elsewhere {
		return v.Name + " calls from another address than it says: it is behind NAT"
	}
	return ""
}

// keys is how the phone's keys travel.
func (v *View) keys() string {
	switch audio := v.Phone.Stream(media.Audio); {
	case v.Peer.DTMF == sipconf.DTMFInfo, v.Peer.DTMF == sipconf.DTMFShortInfo:
		return "by INFO"
	case audio != nil && audio.HasEvents():
		return "as events"
	}
	return "in the sound"
}
