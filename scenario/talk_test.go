package scenario

import (
	"fmt"
	"strings"
	"time"

	"obelus/sip"
)

// talk is a call as one phone sees it.
type talk struct {
	p                 *phone
	callID            string
	us, them          string // From and To of what the phone sends, without tags
	ourTag, theirTag  string
	target            string // where requests within the call go
	seq               int
	branch            string // of the last request
	inviteSeq         int
	body, credentials string
}

// description is an offer or an answer of a phone that can do ulaw, and more as
// lines of its own.
func (p *phone) description(more ...string) string {
	at := "IN IP4 " + p.addr.Addr().String()
	if p.addr.Addr().Is6() {
		at = "IN IP6 " + p.addr.Addr().String()
	}
	lines := append([]string{
		"v=0", "o=- 1 1 " + at, "s=-", "c=" + at, "t=0 0",
		"m=audio 40000 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000",
	}, more...)
	return strings.Join(lines, "\r\n") + "\r\n"
}

// begins is a call that the phone has not made yet.
func (p *phone) begins(exten string) *talk {
	p.seq++
	return &talk{
		p: p, callID: fmt.Sprintf("call-%s-%d@%s", p.name, p.seq, p.addr.Addr()), us: "<sip:" + p.name + "@10.99.0.1>",
		them: "<sip:" + exten + "@10.99.0.1>", ourTag: "caller" + p.name, target: "sip:" + exten + "@10.99.0.1", body: p.description(),
	}
}

// invites calls an extension and proves who it is; the next to come is what the
// server answers to that.
func (t *talk) invites(headers ...string) *talk {
	t.p.h.t.Helper()
	t.send(sip.INVITE, t.body, headers...)
	m := t.p.answer(401)
	t.ackRefusal(m)
	t.credentials = t.p.proof(m, sip.INVITE, t.target, t.p.name)
	t.send(sip.INVITE, t.body, append(headers, t.credentials)...)
	return t
}

// call calls an extension that exists.
func (p *phone) call(exten string, headers ...string) *talk {
	p.h.t.Helper()
	t := p.begins(exten).invites(headers...)
	p.answer(100)
	return t
}

// send sends the next request of the call.
func (t *talk) send(method sip.Method, body string, headers ...string) {
	t.p.h.t.Helper()
	t.seq++
	if method == sip.INVITE {
		t.inviteSeq = t.seq
	}
	t.branch = fmt.Sprintf("z9hG4bK-%s-%s-%d", t.callID, t.ourTag, t.seq)
	if body != "" && !strings.Contains(strings.Join(headers, "\n"), "Content-Type:") {
		headers = append(headers, "Content-Type: application/sdp")
	}
	t.write(method, t.seq, t.branch, body, headers...)
}

func (t *talk) write(method sip.Method, seq int, branch, body string, headers ...string) {
	t.p.h.t.Helper()
	to := t.them
	if t.theirTag != "" {
		to += ";tag=" + t.theirTag
	}
	head := fmt.Sprintf("%s %s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=%s;rport\nMax-Forwards: 70\nFrom: %s;tag=%s\nTo: %s\nCall-ID: %s\nCSeq: %d %s\nContact: <sip:%s@%s>\n%s",
		method, t.target, t.p.addr, branch, t.us, t.ourTag, to, t.callID, seq, method, t.p.name, t.p.addr, strings.Join(headers, "\n"))
	t.p.send(head, body)
}

// ackRefusal acknowledges a failure, in the transaction of the INVITE.
func (t *talk) ackRefusal(m *sip.Message) {
	t.p.h.t.Helper()
	kept := t.theirTag
	t.theirTag = strings.Clone(m.ToTag())
	t.write(sip.ACK, t.inviteSeq, t.branch, "")
	t.theirTag = kept
}

// accepted waits for the 200 to the INVITE and acknowledges it.
func (t *talk) accepted() *sip.Message {
	t.p.h.t.Helper()
	m := t.p.answer(200)
	t.joins(m)
	t.ack("")
	return m
}

// joins takes the names of the call from a response.
func (t *talk) joins(m *sip.Message) {
	t.p.h.t.Helper()
	t.theirTag = strings.Clone(m.ToTag())
	if c, err := m.Contact(); err == nil {
		t.target = strings.Clone(c.Addr)
	}
}

// ack acknowledges a 200.
func (t *talk) ack(body string) {
	t.p.h.t.Helper()
	var headers []string
	if body != "" {
		headers = []string{"Content-Type: application/sdp"}
	}
	t.write(sip.ACK, t.inviteSeq, t.branch+"ack", body, headers...)
}

// cancel gives the call up.
func (t *talk) cancel() {
	t.p.h.t.Helper()
	t.write(sip.CANCEL, t.inviteSeq, t.branch, "")
}

// bye ends the call and waits for the answer.
func (t *talk) bye() {
	t.p.h.t.Helper()
	t.send(sip.BYE, "")
	t.p.answer(200)
}

// takes answers a call that came in, and waits for the ACK.
func (p *phone) takes(m *sip.Message, more ...string) *talk {
	p.h.t.Helper()
	t := p.called(m, "callee"+p.name)
	p.replyWith(m, 200, t.ourTag, p.description(more...))
	p.asked(sip.ACK)
	return t
}

// called is the call that an INVITE begins at the phone that it comes to.
func (p *phone) called(m *sip.Message, tag string) *talk {
	p.h.t.Helper()
	from, err := m.From()
	if err != nil {
		p.h.t.Fatal(err)
	}
	to, err := m.To()
	if err != nil {
		p.h.t.Fatal(err)
	}
	contact, err := m.Contact()
	if err != nil {
		p.h.t.Fatal(err)
	}
	return &talk{
		p: p, callID: strings.Clone(m.CallID()), us: "<" + strings.Clone(to.Addr) + ">", them: "<" + strings.Clone(from.Addr) + ">", ourTag: tag,
		theirTag: strings.Clone(m.FromTag()), target: strings.Clone(contact.Addr), body: p.description(),
	}
}

// connects has one phone call another, which answers.
func (p *phone) connects(other *phone, headers ...string) (caller, callee *talk) {
	p.h.t.Helper()
	caller = p.call(other.name, headers...)
	m := other.asked(sip.INVITE)
	other.reply(m, 180)
	p.answer(180)
	callee = other.takes(m)
	caller.accepted()
	p.h.pass(time.Second)
	return caller, callee
}
