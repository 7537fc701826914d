package chansip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"obelus/call"
	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/event"
	"obelus/message"
	"obelus/sip"
	"obelus/sip/transaction"
)

// message serves a MESSAGE (RFC 3428): within a call for the other party, outside
// of one for the dialplan.
func (r *request) message() {
	if r.m.ToTag() != "" {
		r.textWithin()
		return
	}
	if v := r.whoTexts(); v != known && v != guest {
		return
	}
	p := r.settingsOf()
	if !p.AcceptMessages {
		r.answer(405, "", nil)
		return
	}
	to := p.MessageContext
	if to == "" {
		to = p.Context
	}
	exten := r.requestUser()
	if exten == "" {
		exten = "s"
	}
	if !r.d.cfg.Exists(to, exten, r.fromUser()) {
		r.answer(404, "", nil)
		return
	}
	m := r.text(p, to, exten)
	if r.d.cfg.Text == nil {
		r.answer(405, "", nil)
		return
	}
	answered := make(chan struct{})
	defer close(answered)
	m.Answered = answered
	received := event.MessageReceived{From: m.From, To: m.To, ContentType: m.ContentType, Size: len(m.Body)}
	if err := r.d.cfg.Text(m.From+"\x00"+m.To, m); err != nil { // from here on m is the dialplan's
		r.d.log.Warn("a text message was refused", "from", received.From, "why", err)
		r.answer(503, "", func(b *sip.Builder) { b.Header("Retry-After", "30") })
		return
	}
	event.Publish(r.d.cfg.Bus, received)
	r.answer(202, "", nil)
}

// whoTexts is identify for a text: auth_message_requests=no leaves it unproved.
func (r *request) whoTexts() verdict {
	if r.set.General.AuthMessages {
		return r.identify()
	}
	r.peer = r.account()
	if r.peer != nil {
		return known
	}
	return guest
}

// text makes the message that goes through the dialplan. Its body is what came,
// byte for byte, whatever its type.
func (r *request) text(p *Peer, context, exten string) *message.Message {
	m := &message.Message{
		ContentType: strings.Clone(r.m.Value(sip.HeaderContentType)), Body: append([]byte(nil), r.m.Body()...),
		Context: context, Exten: strings.Clone(exten), At: now(),
	}
	if r.peer != nil {
		m.Peer = p.Name
	}
	if to, err := r.m.To(); err == nil {
		m.To = strings.Clone(to.Addr)
	}
	if from, err := r.m.From(); err == nil {
		from.Params = ""
		m.From = from.String()
	}
	for h := range r.m.Headers() {
		if name := h.Name; strings.HasPrefix(strings.ToLower(name), "x-") {
			m.SetData(strings.Clone(name), strings.Clone(h.Value), false)
		}
	}
	m.SetData("SIP_RECVADDR", r.flow.Remote.Addr().Unmap().String(), false)
	return m
}

// textWithin gives a text of a call to the channel.
func (r *request) textWithin() {
	l := r.legOf()
	if l == nil {
		r.answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	r.answer(202, "", nil)
	l.ch.Notify(call.Event{Kind: call.EventText, Indication: call.Text{
		ContentType: strings.Clone(r.m.Value(sip.HeaderContentType)), Body: append([]byte(nil), r.m.Body()...),
	}})
}

// Send sends a text message to the phones of an account, or to somebody at a
// host. It returns when one of them has taken it, or all have refused.
func (d *Driver) Send(ctx context.Context, m *message.Message) error {
	set := d.settings.Load()
	to, err := d.textTarget(ctx, set, m.To)
	if err != nil {
		return err
	}
	results := make(chan error, len(to.ways))
	for _, w := range to.ways {
		uri := w.URI
		if to.number != "" {
			uri = withUser(uri, to.number)
		}
		t := &textOut{d: d, set: set, peer: to.peer, w: w, uri: uri, m: m, done: results}
		t.send()
	}
	var failure error
	for range to.ways {
		select {
		case err := <-results:
			if err == nil {
				return nil
			}
			failure = err
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", message.ErrFailed, context.Cause(ctx))
		}
	}
	return failure
}

// textTarget reads sip:1002, sip:1002@host, SIP/1002. A host of ours, or one that
// is an account's name, leads to accounts.
func (d *Driver) textTarget(ctx context.Context, set *Settings, s string) (target, error) {
	rest := s
	if len(rest) > 4 && (rest[3] == ':' || rest[3] == '/') {
		rest = rest[4:]
	}
	rest = strings.TrimSuffix(rest, ">")
	user, host, at := cutLast(rest, "@")
	if at && set.Peer(host) == nil && d.reach.Local(set, host) {
		rest = user
	}
	if rest == "" {
		return target{}, fmt.Errorf("%w: %q names nobody", message.ErrURI, s)
	}
	to, err := d.target(ctx, set, rest)
	var de *call.DialError
	if errors.As(err, &de) {
		return target{}, fmt.Errorf("%w: %s", message.ErrFailed, de.Text)
	}
	return to, err
}

// textOut is one MESSAGE on its way.
type textOut struct {
	d    *Driver
	set  *Settings
	peer *Peer
	w    reach.Way
	uri  string
	m    *message.Message

	callID, tag string
	seq         uint32
	tried       bool
	done        chan<- error
}

func (t *textOut) send(headers ...[2]string) {
	d := t.d
	if t.callID == "" {
		t.callID, t.tag, t.seq = d.where.NewCallID(&t.set.General, t.w.Flow), outside.NewTag(), 102
	} else {
		t.seq++
	}
	from := t.from()
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.MESSAGE, t.uri)
	d.where.AddVia(&b, t.w.Flow, branch)
	b.Number(sip.HeaderMaxForwards, 70)
	b.Addr(sip.HeaderFrom, from, t.tag)
	b.Add(sip.HeaderTo, t.to())
	u, _ := from.URI()
	b.Add(sip.HeaderContact, d.where.Contact(&t.set.General, t.w.Flow, t.uri, u.Who()))
	b.Add(sip.HeaderCallID, t.callID)
	b.CSeq(t.seq, sip.MESSAGE)
	b.Add(sip.HeaderUserAgent, t.set.General.UserAgent)
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	for _, datum := range t.m.AllData() {
		if datum.Outgoing && !own(datum.Name) {
			b.Header(datum.Name, datum.Value)
		}
	}
	contentType := t.m.ContentType
	if contentType == "" {
		contentType = "text/plain;charset=UTF-8"
	}
	timing := transaction.Timing{T1: t.peer.T1, B: t.peer.TimerB}
	d.tx.Send(b.End(contentType, t.m.Body), branch, sip.MESSAGE, t.w.Flow, timing, t)
}

// own says which headers are ours to write, whatever the dialplan sets.
func own(name string) bool {
	switch strings.ToLower(name) {
	case "via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "content-length", "content-type", "route", "record-route",
		"user-agent", "authorization", "proxy-authorization":
		return true
	}
	return false
}

// from is the sender that the receiver sees: a URI, "Name" <uri>, or a name alone,
// which stands before the original's word for somebody unknown.
func (t *textOut) from() sip.NameAddr {
	host := t.peer.FromDomain
	if host == "" {
		host = t.set.General.FromDomain
	}
	if host == "" {
		host = t.d.where.Host(&t.set.General, t.w.Flow)
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
	if p := t.set.Peer(text); p != nil {
		return sip.NameAddr{Display: p.CallerID.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, p.Name)) + "@" + host, Bracketed: true}
	}
	return sip.NameAddr{Display: strings.Trim(text, `"`), Addr: "sip:" + t.set.General.CallerID + "@" + host, Bracketed: true}
}

// otherSide says whether a host is an address of ours that the receiver can't use:
// the sender is on the other side of our NAT, or of the other family.
func (t *textOut) otherSide(host string) bool {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.Unmap() != t.d.where.Signalling(&t.set.General, t.w.Flow).Addr() && t.d.reach.Local(t.set, host)
}

// to is the To of the message: the receiver's address, unless the dialplan says
// otherwise.
func (t *textOut) to() string {
	if v, ok := t.m.Data("To"); ok && v != "" {
		if n, err := sip.ParseNameAddr(v); err == nil {
			n.Bracketed = true
			return n.String()
		}
	}
	return "<" + t.uri + ">"
}

// Response takes an answer in.
func (t *textOut) Response(_ *transaction.Client, m *sip.Message) {
	status := m.StatusCode()
	switch {
	case status < 200:
		return
	case status < 300:
		t.done <- nil
		return
	case status == 401 || status == 407:
		id, value, err := proof(t.peer, m, sip.MESSAGE, t.uri)
		if err == nil && !t.tried {
			t.tried = true
			t.send([2]string{id.String(), value})
			return
		}
	}
	t.done <- fmt.Errorf("%w: %s answered %d %s", message.ErrFailed, t.uri, status, strings.Clone(m.Reason()))
}

// Failed is told when nobody answered.
func (t *textOut) Failed(_ *transaction.Client, err error) {
	t.done <- fmt.Errorf("%w: %s: %w", message.ErrFailed, t.uri, err)
}
