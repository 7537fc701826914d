package chansip

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// register serves a REGISTER (RFC 3261 section 10.3), at once and without a
// transaction: sent again it does the same again.
func (r *request) register() {
	peer := r.registrant()
	if peer == nil {
		r.unknown()
		return
	}
	r.peer = peer
	if !peer.ACL.Allows(r.flow.Remote.Addr()) {
		r.failed(peer.Name, "the address is not permitted")
		r.forbid()
		return
	}
	if peer.Secret != "" || peer.MD5Secret != "" {
		if r.prove(peer.Name, peer.Secret, peer.MD5Secret) != known {
			return
		}
	}
	if !peer.Dynamic {
		r.failed(peer.Name, "the account is not host=dynamic")
		r.forbid()
		return
	}
	r.bind()
}

// registrant is the account that To names. With autocreatepeer=yes there always
// is one.
func (r *request) registrant() *Peer {
	to, err := r.m.To()
	if err != nil {
		return nil
	}
	u, err := to.URI()
	if err != nil {
		return nil
	}
	name := userOf(u)
	if p := r.set.Peer(name); p != nil && p.Type&TypePeer != 0 {
		return p
	}
	if r.set.General.AutoCreate && name != "" {
		p := r.set.General.Default
		p.Name, p.Type, p.Dynamic, p.Host = strings.Clone(name), TypeFriend, true, "dynamic"
		return &p
	}
	return nil
}

// expiry is how long a contact that asks for so much is kept.
func (r *request) expiry(contact sip.NameAddr) time.Duration {
	g := &r.set.General
	seconds, ok := contact.Expires()
	if !ok {
		if seconds, ok = r.m.Expires(); !ok {
			return g.DefaultExpiry
		}
	}
	d := time.Duration(seconds) * time.Second
	if d == 0 {
		return 0
	}
	return min(max(d, g.MinExpiry), g.MaxExpiry)
}

// maxContactsAtOnce bounds the Contacts of one REGISTER.
const maxContactsAtOnce = 20

// bind does what the Contacts ask for and answers.
func (r *request) bind() {
	limit := max(r.peer.MaxContacts, 1)
	cseq, err := r.m.CSeq()
	if err != nil {
		r.answer(400, "", nil)
		return
	}
	at := now()
	var asked [maxContactsAtOnce]location.Binding
	list := asked[:0]
	for c, err := range r.m.Contacts() {
		if err != nil || len(list) == cap(list) {
			r.answer(400, "", nil)
			return
		}
		if c.IsStar() {
			r.unbindAll(cseq.Seq, at)
			return
		}
		b, status := r.binding(c, cseq.Seq, at)
		if status != 0 {
			r.answer(status, "", nil)
			return
		}
		list = append(list, b)
		if limit == 1 {
			break // the original takes the first and no more
		}
	}
	if len(list) == 0 {
		var have [maxContactsAtOnce]location.Binding
		r.registered(r.d.cfg.Location.Lookup(have[:0], r.peer.Name, at), at, true, nil)
		return
	}
	r.store(list, limit, at)
}

// store has the location room take the bindings, and answers when they are safe:
// at once, or with a store that lasts as soon as it has them.
func (r *request) store(list []location.Binding, limit int, at time.Time) {
	present := list[0].Expires.After(at)
	var late *lateReply
	var done func(error)
	if r.d.cfg.Durable {
		late = &lateReply{send: r.replyFlow()}
		done = late.committed
	}
	var have [maxContactsAtOnce]location.Binding
	found, pending, err := r.d.cfg.Location.Bind(have[:0], r.peer.Name, list, limit, at, done)
	switch {
	case errors.Is(err, location.ErrStale):
		r.answer(500, "", nil)
		return
	case err != nil:
		r.d.log.Warn("a registration was not taken", "peer", r.peer.Name, "why", err)
		r.answer(503, "", nil)
		return
	}
	if !pending {
		late = nil
	}
	r.registered(found, at, present, late)
	if present {
		r.registeredNow()
	}
}

// lateReply is an answer that waits for the store. It is rendered by the reader,
// whose message is gone when the store is through.
type lateReply struct {
	mu   sync.Mutex
	send transport.Flow
	safe bool
	b    []byte
}

// committed is called by the store; late or not, the binding is in memory.
func (l *lateReply) committed(error) {
	l.mu.Lock()
	l.safe = true
	b := l.b
	l.mu.Unlock()
	if b != nil {
		_ = l.send.Send(b) // the phone asks again where it is lost
	}
}

// rendered takes a copy of the answer, and sends it if the store was faster.
func (l *lateReply) rendered(b []byte) {
	l.mu.Lock()
	l.b = append([]byte(nil), b...)
	safe := l.safe
	l.mu.Unlock()
	if safe {
		_ = l.send.Send(l.b)
	}
}

// binding is what a Contact asks for; a status other than 0 refuses it.
func (r *request) binding(c sip.NameAddr, cseq uint32, at time.Time) (b location.Binding, status int) {
	u, err := c.URI()
	if err != nil {
		return b, 400
	}
	expires := r.expiry(c)
	received, ok := r.received(u)
	if !ok && expires > 0 {
		return b, 400
	}
	if u.IsSIP() && expires > 0 && r.ourselves(u) {
		r.d.log.Warn("a Contact that leads back to us was refused", "peer", r.peer.Name, "contact", c.Addr)
		return b, 403 // security class 17: a call to it would run in a circle
	}
	if !r.peer.ContactACL.Allows(received.Addr()) {
		return b, 403
	}
	b = location.Binding{
		Contact: c.Addr, Received: received, Transport: r.flow.Transport.Param(), Local: r.flow.Local,
		UserAgent: r.m.Value(sip.HeaderUserAgent), CallID: r.m.CallID(), CSeq: cseq, Expires: at.Add(expires),
	}
	if r.flow.Transport.Reliable() {
		b.Flow = r.flow.String()
	}
	if instance, ok := c.Params.Get("+sip.instance"); ok {
		b.Instance = strings.Trim(instance, `"`)
		if id, ok := c.Params.Get("reg-id"); ok {
			b.RegID, _ = strconv.Atoi(id)
		}
	}
	if q, ok := c.Params.Get("q"); ok {
		if f, err := strconv.ParseFloat(q, 64); err == nil && f >= 0 && f <= 1 {
			b.Q = int(f * 1000)
		}
	}
	return b, 0
}

// received is where requests to a contact are sent: where the REGISTER came from,
// for phones behind NAT and on connections; else where the contact says.
func (r *request) received(u sip.URI) (netip.AddrPort, bool) {
	src := unmapped(r.flow.Remote)
	if r.flow.Transport.Reliable() || r.forced() || r.peer.NAT.Comedia || !u.IsSIP() {
		return src, true
	}
	host, err := netip.ParseAddr(u.Host)
	if err != nil {
		return src, true // a name: the phone is where it speaks from
	}
	port := u.Port
	if port == 0 {
		port = transport.UDP.DefaultPort()
	}
	return netip.AddrPortFrom(host.Unmap(), port), true
}

// ourselves says whether a URI names the address that the REGISTER came to.
func (r *request) ourselves(u sip.URI) bool {
	host, err := netip.ParseAddr(u.Host)
	if err != nil {
		return false
	}
	port := u.Port
	if port == 0 {
		port = r.flow.Transport.DefaultPort()
	}
	return netip.AddrPortFrom(host.Unmap(), port) == unmapped(r.flow.Local)
}

// unbindAll serves Contact: *, which needs Expires: 0.
func (r *request) unbindAll(cseq uint32, at time.Time) {
	if seconds, ok := r.m.Expires(); !ok || seconds != 0 {
		r.answer(400, "", nil)
		return
	}
	var late *lateReply
	var done func(error)
	if r.d.cfg.Durable {
		late = &lateReply{send: r.replyFlow()}
		done = late.committed
	}
	pending, err := r.d.cfg.Location.Unbind(r.peer.Name, location.Everything, r.m.CallID(), cseq, at, done)
	if err != nil && !errors.Is(err, location.ErrNoContact) {
		r.answer(500, "", nil)
		return
	}
	if !pending {
		late = nil
	}
	r.registered(nil, at, false, late)
}

// registered answers 200 with the contacts that there are now; by late where the
// store must be through first. present is false where the phone took itself away.
func (r *request) registered(have []location.Binding, at time.Time, present bool, late *lateReply) {
	buf := buffers.Get().(*[]byte)
	b := sip.NewBuilder(*buf)
	r.begin(&b, 200, "")
	longest := time.Duration(0)
	for i := range have {
		longest = max(longest, have[i].Expires.Sub(at))
	}
	if present || len(have) > 0 {
		b.Number(sip.HeaderExpires, seconds(longest))
	} else {
		b.Number(sip.HeaderExpires, 0)
	}
	var scratch [256]byte
	for i := range have {
		v := append(scratch[:0], '<')
		v = append(v, have[i].Contact...)
		v = append(v, ">;expires="...)
		v = strconv.AppendUint(v, seconds(have[i].Expires.Sub(at)), 10)
		b.Add(sip.HeaderContact, string(v))
	}
	b.Header("Date", at.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	out := b.End("", nil)
	if late != nil {
		late.rendered(out)
	} else {
		r.send(200, out)
	}
	*buf = out[:0]
	buffers.Put(buf)
}

// seconds rounds a time up, as what is left of it is shown.
func seconds(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	return uint64((d + time.Second - 1) / time.Second)
}

// registeredNow tells qualify that a phone is there again.
func (r *request) registeredNow() {
	if r.peer.Qualify > 0 {
		r.d.pingSoon(r.peer.Name)
	}
}
