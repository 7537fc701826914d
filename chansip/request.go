package chansip

import (
	"net/netip"
	"slices"
	"strings"

	"obelus/chansip/outside"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// request is one request being served.
type request struct {
	d    *Driver
	set  *Settings
	m    *sip.Message
	flow transport.Flow
	tx   *transaction.Server // nil for one served without state, and for an ACK
	peer *Peer               // whose it is, once known
	tag  string              // our To tag, where a dialog has one already
}

func (d *Driver) newRequest(tx *transaction.Server, m *sip.Message, f transport.Flow) *request {
	return &request{d: d, set: d.settings.Load(), m: m, flow: f, tx: tx}
}

// refused answers what must be refused whoever sends it; true when it has.
func (r *request) refused() bool {
	m := r.m
	if m.Method() == sip.ACK {
		return false
	}
	if slices.ContainsFunc(r.set.General.DisallowedMethods, func(s string) bool { return strings.EqualFold(s, string(m.Method())) }) {
		r.answer(501, "Method Not Implemented", nil)
		return true
	}
	if n, ok := m.MaxForwards(); ok && n == 0 && m.Method() != sip.OPTIONS && m.ToTag() == "" {
		r.answer(483, "", nil) // RFC 3261 section 8.2: we are the one who would forward it
		return true
	}
	if m.Method() == sip.CANCEL {
		return false // RFC 3261 section 8.2.2.3: its Require is not looked at
	}
	if not := m.Unsupported("replaces", "timer"); len(not) > 0 && m.ToTag() == "" {
		r.answer(420, "Bad extension (unsupported)", func(b *sip.Builder) {
			b.Header("Date", sip.Date(now()))
			b.Header("Unsupported", strings.Join(not, ", "))
		})
		return true
	}
	return false
}

// answer answers the request. reason "" is the standard one; more, if not nil,
// adds headers. There is no body.
func (r *request) answer(status int, reason string, more func(b *sip.Builder)) {
	r.answerBody(status, reason, more, "", nil)
}

func (r *request) answerBody(status int, reason string, more func(b *sip.Builder), contentType string, body []byte) {
	buf := r.d.buffers.Get().(*[]byte)
	b := sip.NewBuilder(*buf)
	r.begin(&b, status, reason)
	if more != nil {
		more(&b)
	}
	out := b.End(contentType, body)
	r.send(status, out)
	*buf = out[:0]
	r.d.buffers.Put(buf)
}

// begin writes what every answer of ours has.
func (r *request) begin(b *sip.Builder, status int, reason string) {
	tag := r.tag
	switch {
	case status == 100:
		tag = "" // it may do without (RFC 3261 section 8.2.6.2), and opens no dialog
	case tag == "":
		tag = r.d.tx.StatelessTag(r.m)
	}
	b.Response(r.m, status, reason, r.returnPath(), tag)
	b.Add(sip.HeaderServer, r.set.General.UserAgent)
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
}

// returnPath is what the top Via of an answer learns (RFC 3261 section 18.2.1,
// RFC 3581 section 4).
func (r *request) returnPath() sip.Return {
	via, err := r.m.Via()
	if err != nil {
		return sip.Return{}
	}
	src := transport.Unmap(r.flow.Remote)
	ret := sip.Return{}
	_, asked := via.RPort()
	if asked || r.forced() {
		ret.Received, ret.RPort = src.Addr(), src.Port()
		return ret
	}
	if host, err := netip.ParseAddr(via.Host); err != nil || host.Unmap() != src.Addr() {
		ret.Received = src.Addr()
	}
	return ret
}

// forced says whether the account has answers go where the request came from,
// asked for or not.
func (r *request) forced() bool {
	nat := r.set.General.Default.NAT
	if r.peer != nil {
		nat = r.peer.NAT
	}
	return nat.ForceRport || nat.AutoForceRport && r.behindNAT()
}

// behindNAT says whether the request came from another address than its Via
// says. As in the original the port does not count: a phone may listen on one and
// send from another.
func (r *request) behindNAT() bool {
	via, err := r.m.Via()
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(via.Host)
	return err == nil && host.Unmap() != transport.Unmap(r.flow.Remote).Addr()
}

// replyFlow is where answers go: back on the connection; over UDP to the
// address the request came from, and there to the port it came from if rport
// says so, else to the one its Via names (RFC 3261 section 18.2.2, RFC 3581).
func (r *request) replyFlow() transport.Flow {
	if r.flow.Transport.Reliable() {
		return r.flow
	}
	via, err := r.m.Via()
	if err != nil {
		return r.flow
	}
	if _, asked := via.RPort(); asked || r.forced() {
		return r.flow
	}
	port := via.Port
	if port == 0 {
		port = r.flow.Transport.DefaultPort()
	}
	return r.flow.To(netip.AddrPortFrom(r.flow.Remote.Addr(), port))
}

// send sends a rendered answer.
func (r *request) send(status int, b []byte) {
	var err error
	if r.tx != nil {
		r.tx.SetReplyTo(r.replyFlow())
		err = r.tx.Reply(status, b)
	} else {
		err = r.replyFlow().Reply(b)
	}
	if err != nil {
		r.d.log.Debug("an answer could not be sent", "method", r.m.Method(), "status", status, "to", r.flow, "why", err)
	}
}

// requestUser is the user part of the request's first line, unescaped.
func (r *request) requestUser() string {
	u, err := r.m.RequestURI()
	if err != nil {
		return ""
	}
	return u.Who()
}

// fromUser is the user part of From.
func (r *request) fromUser() string {
	from, err := r.m.From()
	if err != nil {
		return ""
	}
	u, err := from.URI()
	if err != nil {
		return ""
	}
	return u.Who()
}
