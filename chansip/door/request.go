package door

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"obelus/chansip/outside"
	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// Request is one request being served.
type Request struct {
	d    *Door
	Set  *sipconf.Settings // what sip.conf said when it came
	M    *sip.Message
	Flow transport.Flow
	Tx   *transaction.Server // nil for one served without state, and for an ACK
	Peer *sipconf.Peer       // whose it is, once known
	Tag  string              // our To tag, where a dialog has one already
}

// Request makes a request of a message that has come by a flow.
func (d *Door) Request(tx *transaction.Server, m *sip.Message, f transport.Flow) Request {
	return Request{d: d, Set: d.c.Settings(), M: m, Flow: f, Tx: tx}
}

// Refused answers what must be refused whoever sends it; true when it has.
func (r *Request) Refused() bool {
	m := r.M
	if m.Method() == sip.ACK {
		return false
	}
	if slices.ContainsFunc(r.Set.General.DisallowedMethods, func(s string) bool { return strings.EqualFold(s, string(m.Method())) }) {
		r.Answer(501, "Method Not Implemented", nil)
		return true
	}
	if n, ok := m.MaxForwards(); ok && n == 0 && m.Method() != sip.OPTIONS && m.ToTag() == "" {
		r.Answer(483, "", nil) // RFC 3261 section 8.2: we are the one who would forward it
		return true
	}
	if m.Method() == sip.CANCEL {
		return false // RFC 3261 section 8.2.2.3: its Require is not looked at
	}
	if not := m.Unsupported("replaces", "timer"); len(not) > 0 && m.ToTag() == "" {
		r.Answer(420, "Bad extension (unsupported)", func(b *sip.Builder) {
			b.Header("Date", sip.Date(time.Now()))
			b.Header("Unsupported", strings.Join(not, ", "))
		})
		return true
	}
	return false
}

// Answer answers the request. reason "" is the standard one; more, if not nil,
// adds headers. There is no body.
func (r *Request) Answer(status int, reason string, more func(b *sip.Builder)) {
	r.AnswerBody(status, reason, more, "", nil)
}

// AnswerBody is Answer with a body.
func (r *Request) AnswerBody(status int, reason string, more func(b *sip.Builder), contentType string, body []byte) {
	b := r.Begin(status, reason)
	if more != nil {
		more(&b.Builder)
	}
	r.Send(&b, contentType, body)
}

// Reply is an answer that is being written, in memory that another has after it: one
// of Send, Keep and SendAndKeep is called with it, and nothing after that.
type Reply struct {
	sip.Builder
	buf    *[]byte
	status int
}

// Begin writes what every answer of ours has.
func (r *Request) Begin(status int, reason string) Reply {
	tag := r.Tag
	switch {
	case status == 100:
		tag = "" // it may do without (RFC 3261 section 8.2.6.2), and opens no dialog
	case tag == "":
		tag = r.d.c.Tag(r.M)
	}
	buf := r.d.buffers.Get().(*[]byte)
	b := Reply{sip.NewBuilder(*buf), buf, status}
	b.Response(r.M, status, reason, r.returnPath(), tag)
	b.Add(sip.HeaderServer, r.Set.General.UserAgent)
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	return b
}

// Send sends an answer, with a body where there is one.
func (r *Request) Send(b *Reply, contentType string, body []byte) {
	r.send(b.status, b.End(contentType, body))
	r.free(b)
}

// Keep returns an answer instead of sending it.
func (r *Request) Keep(b *Reply, contentType string, body []byte) []byte {
	out := append([]byte(nil), b.End(contentType, body)...)
	r.free(b)
	return out
}

// SendAndKeep sends an answer, and returns it to be sent again.
func (r *Request) SendAndKeep(b *Reply, contentType string, body []byte) []byte {
	out := r.Keep(b, contentType, body)
	r.send(b.status, out)
	return out
}

func (r *Request) free(b *Reply) {
	*b.buf = b.Bytes()[:0]
	r.d.buffers.Put(b.buf)
}

// returnPath is what the top Via of an answer learns (RFC 3261 section 18.2.1,
// RFC 3581 section 4).
func (r *Request) returnPath() sip.Return {
	via, err := r.M.Via()
	if err != nil {
		return sip.Return{}
	}
	src := transport.Unmap(r.Flow.Remote)
	ret := sip.Return{}
	_, asked := via.RPort()
	if asked || r.Forced() {
		ret.Received, ret.RPort = src.Addr(), src.Port()
		return ret
	}
	if host, err := netip.ParseAddr(via.Host); err != nil || host.Unmap() != src.Addr() {
		ret.Received = src.Addr()
	}
	return ret
}

// Forced says whether the account has answers go where the request came from,
// asked for or not.
func (r *Request) Forced() bool {
	nat := r.Set.General.Default.NAT
	if r.Peer != nil {
		nat = r.Peer.NAT
	}
	return nat.ForceRport || nat.AutoForceRport && r.BehindNAT()
}

// BehindNAT says whether the request came from another address than its Via
// says. As in the original the port does not count: a phone may listen on one and
// send from another.
func (r *Request) BehindNAT() bool {
	via, err := r.M.Via()
	if err != nil {
		return false
	}
	host, err := netip.ParseAddr(via.Host)
	return err == nil && host.Unmap() != transport.Unmap(r.Flow.Remote).Addr()
}

// ReplyFlow is where answers go: back on the connection; over UDP to the
// address the request came from, and there to the port it came from if rport
// says so, else to the one its Via names (RFC 3261 section 18.2.2, RFC 3581).
func (r *Request) ReplyFlow() transport.Flow {
	if r.Flow.Transport.Reliable() {
		return r.Flow
	}
	via, err := r.M.Via()
	if err != nil {
		return r.Flow
	}
	if _, asked := via.RPort(); asked || r.Forced() {
		return r.Flow
	}
	port := via.Port
	if port == 0 {
		port = r.Flow.Transport.DefaultPort()
	}
	return r.Flow.To(netip.AddrPortFrom(r.Flow.Remote.Addr(), port))
}

// send sends a rendered answer.
func (r *Request) send(status int, b []byte) {
	var err error
	if r.Tx != nil {
		r.Tx.SetReplyTo(r.ReplyFlow())
		err = r.Tx.Reply(status, b)
	} else {
		err = r.ReplyFlow().Reply(b)
	}
	if err != nil {
		r.d.c.Log.Debug("an answer could not be sent", "method", r.M.Method(), "status", status, "to", r.Flow, "why", err)
	}
}

// RequestUser is the user part of the request's first line, unescaped.
func (r *Request) RequestUser() string {
	u, err := r.M.RequestURI()
	if err != nil {
		return ""
	}
	user := u.Who()
	if r.Set.General.LegacyUserField {
		user, _, _ = strings.Cut(user, ";")
	}
	return user
}

// FromUser is the user part of From.
func (r *Request) FromUser() string {
	from, err := r.M.From()
	if err != nil {
		return ""
	}
	u, err := from.URI()
	if err != nil {
		return ""
	}
	return u.Who()
}
