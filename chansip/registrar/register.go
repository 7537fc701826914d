package registrar

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/chansip/door"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// registering is a REGISTER that is being served.
type registering struct {
	*door.Request
	c *Config
}

// Serve serves a REGISTER (RFC 3261 section 10.3), at once and without a
// transaction: sent again it does the same again.
func (c *Clerk) Serve(q *door.Request) {
	r := registering{q, &c.c}
	if !r.ToDomain() {
		r.TurnAway(404, r.toUser(), "unknown domain")
		return
	}
	peer := r.registrant()
	switch {
	case peer == nil:
		r.TurnAway(404, r.toUser(), "no such account")
		return
	case !peer.ACL.Allows(r.Flow.Remote.Addr()):
		r.TurnAway(403, peer.Name, "the address is not permitted")
		return
	case !peer.Dynamic:
		r.TurnAway(403, peer.Name, "the account is not host=dynamic")
		return
	}
	r.Peer = peer
	if peer.Secret == "" && peer.MD5Secret == "" {
		r.Trust()
	} else if r.Prove(peer.Name, peer.Secret, peer.MD5Secret) != door.Known {
		return
	}
	if peer.OnlyEncrypted() && !r.Flow.Transport.Secure() {
		// As in the original, which refuses every transport that is not named.
		r.c.Log.Warn("a registration was refused: transport= of the account wants TLS", "peer", peer.Name, "from", r.Flow)
		r.Answer(403, "", nil)
		return
	}
	r.bind()
}

// toUser is the user part of To.
func (r registering) toUser() string {
	to, err := r.M.To()
	if err != nil {
		return ""
	}
	u, err := to.URI()
	if err != nil {
		return ""
	}
	return u.Who()
}

// registrant is the account that To names. With autocreatepeer=yes there always
// is one.
func (r registering) registrant() *sipconf.Peer {
	name := r.toUser()
	if p := r.Set.Peer(name); p != nil {
		if p.Type&sipconf.TypePeer == 0 {
			return nil
		}
		return p
	}
	if r.Set.General.AutoCreate && name != "" {
		return r.Set.Create(name)
	}
	return nil
}

// expiry is how long a contact that asks for so much is kept.
func (r registering) expiry(contact sip.NameAddr) time.Duration {
	g := &r.Set.General
	seconds, ok := contact.Expires()
	if !ok {
		seconds, ok = r.M.Expires()
	}
	if !ok {
		return g.DefaultExpiry
	}
	if seconds == 0 {
		return 0
	}
	return min(max(time.Duration(seconds)*time.Second, g.MinExpiry), g.MaxExpiry)
}

// maxContactsAtOnce bounds the Contacts of one REGISTER.
const maxContactsAtOnce = 20

// bind does what the Contacts ask for and answers. Of those that are to stay, as
// many are taken as the account may have, the first ones: with the original's one
// a second Contact is not looked at.
func (r registering) bind() {
	limit := max(r.Peer.MaxContacts, 1)
	at := time.Now()
	var asked [maxContactsAtOnce]location.Binding
	list, live, star := asked[:0], 0, false
	for c, err := range r.M.Contacts() {
		if err != nil || star || len(list) == cap(list) {
			r.Answer(400, "", nil)
			return
		}
		if c.IsStar() {
			star = true
			continue
		}
		b, status, reason := r.binding(c, at)
		if status != 0 {
			r.Answer(status, reason, nil)
			return
		}
		if b.Expires.After(at) {
			if live++; live > limit {
				continue
			}
		}
		list = append(list, b)
	}
	switch {
	case star && len(list) == 0:
		r.unbindAll(at)
	case star:
		r.Answer(400, "", nil) // RFC 3261 section 10.2.2: the star stands alone
	case len(list) == 0:
		var have [maxContactsAtOnce]location.Binding
		r.registered(r.c.Location.Lookup(have[:0], r.Peer.Name, at), at, true, nil)
	default:
		r.store(list, limit, live > 0, at)
	}
}

// binding is what a Contact asks for; a status other than 0 refuses it.
func (r registering) binding(c sip.NameAddr, at time.Time) (b location.Binding, status int, reason string) {
	u, err := c.URI()
	if err != nil {
		return b, 400, ""
	}
	cseq, err := r.M.CSeq()
	if err != nil {
		return b, 400, ""
	}
	expires := r.expiry(c)
	path := r.path()
	b = location.Binding{
		Contact: c.Addr, Path: path, Received: r.received(u, path), Transport: r.Flow.Transport.Param(), Local: r.Flow.Local,
		UserAgent: r.M.Value(sip.HeaderUserAgent), CallID: r.M.CallID(), CSeq: cseq.Seq, Expires: at.Add(expires),
	}
	if expires > 0 {
		if r.ourselves(u) || !r.callable(b.Received) {
			r.c.Log.Warn("a Contact that no phone can be at was refused", "peer", r.Peer.Name, "contact", c.Addr, "from", r.Flow.Remote)
			return b, 403, "" // security class 17: a call to it would come back to us, or hit somebody else
		}
		if !r.Peer.ContactACL.Allows(b.Received.Addr()) {
			r.c.Log.Warn("a Contact was refused by contactdeny", "peer", r.Peer.Name, "contact", c.Addr, "from", r.Flow.Remote)
			return b, 603, "Denied"
		}
	}
	if r.Flow.Transport.Reliable() {
		b.Flow = r.Flow.String()
	}
	b.Instance, b.RegID = instanceOf(c)
	b.Q = preference(c)
	return b, 0, ""
}

// instanceOf is the +sip.instance of a Contact, and its reg-id (RFC 5626 section
// 4.1).
func instanceOf(c sip.NameAddr) (instance string, regID int) {
	instance, ok := c.Params.Get("+sip.instance")
	if !ok {
		return "", 0
	}
	if id, ok := c.Params.Get("reg-id"); ok {
		if n, err := strconv.ParseUint(id, 10, 31); err == nil {
			regID = int(n)
		}
	}
	return instance, regID
}

// preference is the q of a Contact in thousandths (RFC 3261 section 20.10). None
// is as good as any.
func preference(c sip.NameAddr) int {
	q, ok := c.Params.Get("q")
	if !ok {
		return 0
	}
	f, err := strconv.ParseFloat(q, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0
	}
	return int(f*1000 + 0.5)
}

// path are the Path headers of a REGISTER, by which requests to the phone go (RFC 3327
// section 5.3), where the account keeps them.
func (r registering) path() string {
	if !r.Peer.SupportPath {
		return ""
	}
	var all []string // empty for nearly every phone
	for v := range r.M.List(sip.HeaderPath) {
		if n, err := sip.ParseNameAddr(v); err == nil && n.Bracketed && !strings.Contains(v, reach.PathSeparator) {
			all = append(all, v)
		}
	}
	return strings.Join(all, reach.PathSeparator)
}

// received is where requests to a contact are sent: where the REGISTER came from,
// for phones behind NAT, behind an edge proxy and on connections; else where the
// contact says.
func (r registering) received(u sip.URI, path string) netip.AddrPort {
	src := transport.Unmap(r.Flow.Remote)
	if path != "" || r.Flow.Transport.Reliable() || r.Forced() || r.symmetric() || !u.IsSIP() {
		return src
	}
	host, err := netip.ParseAddr(u.Host)
	if err != nil {
		return src // a name: the phone is where it speaks from
	}
	port := u.Port
	if port == 0 {
		port = transport.UDP.DefaultPort()
	}
	return netip.AddrPortFrom(host.Unmap(), port)
}

// symmetric says whether sound goes where it comes from, by what is known of the
// phone now; what it signals goes there too then.
func (r registering) symmetric() bool {
	return r.Peer.NAT.Comedia || r.Peer.NAT.AutoComedia && r.BehindNAT()
}

// ourselves says whether a contact is this server.
func (r registering) ourselves(u sip.URI) bool {
	host, err := netip.ParseAddr(u.Host)
	if err != nil || !u.IsSIP() {
		return false
	}
	port := u.Port
	if port == 0 {
		port = r.Flow.Transport.DefaultPort()
	}
	local, ext := transport.Unmap(r.Flow.Local), r.c.Outside.Signalling(&r.Set.General, r.Flow)
	here := netip.AddrPortFrom(host.Unmap(), port)
	return here == local || here == ext
}

// callable says whether a phone can be at an address: not where a request would
// come back to us, nor at one that stands for many.
func (r registering) callable(a netip.AddrPort) bool {
	src := transport.Unmap(r.Flow.Remote)
	if a == src {
		return true
	}
	ip := a.Addr()
	if a.Port() == 0 || ip.IsUnspecified() || ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || ip.IsLoopback() && !src.Addr().IsLoopback() {
		return false
	}
	f, ok := r.c.UDP(a)
	return !ok || transport.Unmap(f.Local) != a
}

// longest is the longest time that a contact has left.
func longest(have []location.Binding, at time.Time) time.Duration {
	d := time.Duration(0)
	for i := range have {
		d = max(d, have[i].Expires.Sub(at))
	}
	return d
}
