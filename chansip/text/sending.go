package text

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transaction"
)

// sending is one MESSAGE on its way.
type sending struct {
	c  *Config
	to To
	w  reach.Way
	m  *message.Message

	callID, tag string
	seq         uint32
	tried       bool
	done        chan<- error
}

func (t *sending) send(headers ...[2]string) {
	if t.callID == "" {
		t.callID, t.tag, t.seq = t.newCallID(), outside.NewTag(), 102
	} else {
		t.seq++
	}
	from := t.from()
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.MESSAGE, t.w.URI)
	t.c.Outside.AddVia(&b, t.w.Flow, branch)
	for _, route := range t.w.Routes {
		b.Add(sip.HeaderRoute, route)
	}
	b.Number(sip.HeaderMaxForwards, uint64(t.hops()))
	b.Addr(sip.HeaderFrom, from, t.tag)
	b.Add(sip.HeaderTo, t.receiver())
	u, _ := from.URI()
	b.Add(sip.HeaderContact, t.c.Outside.Contact(&t.to.Settings.General, t.w.Flow, t.w.URI, u.Who()))
	b.Add(sip.HeaderCallID, t.callID)
	b.CSeq(t.seq, sip.MESSAGE)
	b.Add(sip.HeaderUserAgent, t.to.Settings.General.UserAgent)
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	for _, datum := range t.m.AllData() {
		if datum.Outgoing && !own(datum.Name) && !strings.EqualFold(datum.Name, "Max-Forwards") {
			b.Header(datum.Name, datum.Value)
		}
	}
	contentType := t.m.ContentType
	if contentType == "" {
		contentType = message.PlainText
	}
	timing := transaction.Timing{T1: t.to.Peer.T1, B: t.to.Peer.TimerB}
	t.c.Transactions.Send(b.End(contentType, t.m.Body), branch, sip.MESSAGE, t.w.Flow, timing, t)
}

// own says which headers are ours to write, whatever the dialplan sets.
func own(name string) bool {
	switch strings.ToLower(name) {
	case "via", "from", "to", "call-id", "cseq", "contact", "content-length", "content-type", "route", "record-route", "user-agent",
		"authorization", "proxy-authorization", "allow", "supported", "require", "proxy-require", "sip_recvaddr":
		return true
	}
	return false
}

// newCallID is the Call-ID that the text came with, where it may be kept, or one of
// ours. What somebody writes to himself has ours: his phone would know the text that it
// sent, and show nothing.
func (t *sending) newCallID() string {
	if id, ok := t.m.Data("Call-ID"); ok && carriesCallID("Call-ID", id) && (t.m.Peer == "" || t.m.Peer != t.to.Peer.Name) {
		return id
	}
	return t.c.Outside.NewCallID(&t.to.Settings.General, t.w.Flow)
}

// hops is how often the text may be passed on after us: a text that came is passed on
// as by a proxy (RFC 3261 section 16.6), or two servers could send it to and fro for
// ever.
func (t *sending) hops() int {
	if v, ok := t.m.Data("Max-Forwards"); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && n > 0 {
			return min(n-1, maxForwards)
		}
	}
	return maxForwards
}

// maxForwards is what RFC 3261 has a request begin with.
const maxForwards = 70

// from is the sender that the receiver sees: a URI, "Name" <uri>, or a name alone,
// which stands before the original's word for somebody unknown.
func (t *sending) from() sip.NameAddr {
	host := t.to.Peer.FromDomain
	if host == "" {
		host = t.to.Settings.General.FromDomain
	}
	if host == "" {
		host = t.c.Outside.Host(&t.to.Settings.General, t.w.Flow)
	}
	text := strings.TrimSpace(t.m.From)
	n, err := sip.ParseNameAddr(text)
	if err == nil {
		if u, err := n.URI(); err == nil && u.IsSIP() && (u.Who() != "" || u.Host != "") {
			user := u.Who()
			if user == "" || user == u.Host {
				user = u.Host // sip:1001 names no host
				u.Host = host
			}
			if u.UserName() == "" || t.otherSide(u.Host) {
				n.Addr = "sip:" + string(sip.AppendEscapedUser(nil, user)) + "@" + host
			}
			n.Params, n.Bracketed = "", true
			return n
		}
	}
	if p := t.to.Settings.Peer(text); p != nil {
		return sip.NameAddr{Display: p.CallerID.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, p.Name)) + "@" + host, Bracketed: true}
	}
	return sip.NameAddr{Display: strings.Trim(text, `"`), Addr: "sip:" + t.to.Settings.General.CallerID + "@" + host, Bracketed: true}
}

// otherSide says whether a host is an address of ours that the receiver can't use:
// the sender is on the other side of our NAT, or of the other family.
func (t *sending) otherSide(host string) bool {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.Unmap() != t.c.Outside.Signalling(&t.to.Settings.General, t.w.Flow).Addr() && t.c.Reach.Local(t.to.Settings, host)
}

// receiver is the To of the message: what the dialplan says; for a phone of ours the
// address that it has in this conversation; else where the message goes.
func (t *sending) receiver() string {
	v := t.m.Said("To")
	if v == "" && t.w.Contact != "" {
		v, _ = t.m.Data("To")
	}
	if v != "" {
		if n, err := sip.ParseNameAddr(v); err == nil {
			n.Bracketed = true
			return n.String()
		}
	}
	return "<" + t.w.URI + ">"
}

// Response takes an answer in.
func (t *sending) Response(_ *transaction.Client, m *sip.Message) {
	status := m.StatusCode()
	switch {
	case status < 200:
		return
	case status < 300:
		t.done <- nil
		return
	case status == 401 || status == 407:
		id, value, err := t.c.Prove(t.to.Peer, m, sip.MESSAGE, t.w.URI)
		if err == nil && !t.tried {
			t.tried = true
			t.send([2]string{id.String(), value})
			return
		}
	}
	if status == 430 && t.next() { // the edge proxy has lost this flow
		return
	}
	answer := &message.AnswerError{Answer: fmt.Sprintf("%d %s", status, m.Reason()), Firm: firm(status)}
	t.done <- fmt.Errorf("%s %w", t.w.URI, answer)
}

// Failed is told when nobody answered.
func (t *sending) Failed(_ *transaction.Client, err error) {
	if t.next() {
		return
	}
	t.done <- fmt.Errorf("%w: %s: %w", message.ErrFailed, t.w.URI, err)
}

// next sends the text by the next flow of the phone, where it has registered more than
// one (RFC 5626 section 5.3); false where there is none.
func (t *sending) next() bool {
	if len(t.w.Others) == 0 {
		return false
	}
	rest := t.w.Others
	t.w = rest[0]
	t.w.Others = rest[1:]
	t.tried = false
	t.send()
	return true
}
