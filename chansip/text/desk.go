package text

import (
	"log/slog"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/door"
	"obelus/chansip/sipconf"
	"obelus/event"
	"obelus/message"
	"obelus/sip"
)

// DeskConfig is what a [Desk] is made of.
type DeskConfig struct {
	Log *slog.Logger
	Bus *event.Bus
	// Exists says whether the dialplan has an extension for a caller.
	Exists func(context, exten, callerID string) bool
	// Take hands a text to the dialplan. done is called once, before the text is run:
	// with nil when it is safe, else with why it is refused. Take is nil where no
	// texts are taken.
	Take func(m *message.Message, done func(error))
	// Full says in words why no text can be kept for an account whose phones are
	// away, "" where one can. It must not wait. It may be nil.
	Full func(account string) string
}

// Desk takes in the texts that belong to no call. Its methods may be called from
// any goroutine.
type Desk struct{ c DeskConfig }

// NewDesk makes a desk.
func NewDesk(c DeskConfig) *Desk { return &Desk{c} }

// Serve serves a MESSAGE outside of a dialog (RFC 3428): it has the sender proved and
// hands the text to the dialplan, which is what the 202 says.
func (d *Desk) Serve(r *door.Request) {
	if v := identify(r); v != door.Known && v != door.Guest {
		return
	}
	p := r.Peer
	if p == nil {
		p = &r.Set.General.Default
	}
	if !p.AcceptMessages || d.c.Take == nil {
		r.Answer(405, "", nil)
		return
	}
	to := p.MessageContext
	if to == "" {
		to = p.Context
	}
	exten := r.RequestUser()
	if exten == "" {
		exten = "s"
	}
	if !d.c.Exists(to, exten, r.FromUser()) {
		r.Answer(404, "", nil)
		return
	}
	m := read(r, p, to, exten)
	if why := d.full(exten); why != "" && !m.Typing() {
		d.c.Log.Info("a text message was refused", "from", m.From, "why", why)
		r.Answer(480, "Too many messages waiting", func(b *sip.Builder) {
			b.Header("Warning", "399 obelus "+string(sip.AppendQuoted(nil, why)))
			b.Header("Retry-After", "3600")
		})
		return
	}
	d.take(r, m)
}

// full says why a text to an extension that is an account's name could not be kept:
// who sends it is told so while that is possible.
func (d *Desk) full(exten string) string {
	if d.c.Full == nil {
		return ""
	}
	return d.c.Full(exten)
}

// take hands a text on, and answers for it when it is safe. From the moment it is
// handed on it is the dialplan's. One that comes again meanwhile is the same
// transaction, and gets the same answer.
func (d *Desk) take(r *door.Request, m *message.Message) {
	received := event.MessageReceived{From: m.From, To: m.To, ContentType: m.ContentType, Size: len(m.Body)}
	d.c.Take(m, func(err error) {
		if err != nil {
			d.c.Log.Warn("a text message was refused", "from", received.From, "why", err)
			r.Answer(503, "", func(b *sip.Builder) { b.Header("Retry-After", "30") })
			return
		}
		event.Publish(d.c.Bus, received)
		r.Answer(202, "", nil)
	})
}

// identify is door's for a text: auth_message_requests=no leaves it unproved.
func identify(r *door.Request) door.Verdict {
	if r.Set.General.AuthMessages {
		return r.Identify()
	}
	r.Peer = r.Account()
	if r.Peer != nil {
		return door.Known
	}
	return door.Guest
}

// read makes the message that goes through the dialplan. Its body is what came,
// byte for byte, whatever its type.
func read(r *door.Request, p *sipconf.Peer, context, exten string) *message.Message {
	m := &message.Message{
		ContentType: strings.Clone(r.M.Value(sip.HeaderContentType)), Body: append([]byte(nil), r.M.Body()...),
		Context: context, Exten: strings.Clone(exten), At: time.Now(),
	}
	if r.Peer != nil {
		m.Peer = p.Name
	}
	m.Request = requestName(r.M)
	if to, err := r.M.To(); err == nil {
		m.To = strings.Clone(to.Addr)
	}
	if from, err := r.M.From(); err == nil {
		from.Params = ""
		m.From = from.String()
	}
	readHeaders(m, r.M)
	m.SetData("SIP_RECVADDR", r.Flow.Remote.Addr().Unmap().String(), false)
	return m
}

// requestName tells a request from every other (RFC 3261 section 17.2.3): by its branch,
// and what else a client of RFC 2543 has for it. "" where it can't.
func requestName(m *sip.Message) string {
	via, err := m.Via()
	if err != nil {
		return ""
	}
	return via.Branch() + " " + string(sip.AppendHostPort(nil, via.Host, via.Port)) + " " + m.Value(sip.HeaderCSeq) + " " + m.CallID()
}

// readHeaders gives the message its headers, for MESSAGE_DATA(), as the original does:
// all but those that are about the way here or prove who sends.
func readHeaders(m *message.Message, from *sip.Message) {
	for h := range from.Headers() {
		name, value := h.Name, strings.Clone(h.Value)
		if id := sip.LookupHeader(name); id != sip.HeaderOther {
			name = id.String() // some phones write c for Content-Type
		}
		if own(name) && !carriesCallID(name, value) {
			continue
		}
		if before, again := m.Data(name); again {
			value = before + ", " + value // RFC 3261 section 7.3.1
		}
		m.SetData(strings.Clone(name), value, message.Carried(name) || strings.EqualFold(name, "Max-Forwards"))
	}
}

// Within is the text that a request within a call brings, with what belongs to it.
func Within(m *sip.Message) call.Text {
	t := call.Text{ContentType: strings.Clone(m.Value(sip.HeaderContentType)), Body: append([]byte(nil), m.Body()...)}
	for h := range m.Headers() {
		name := h.Name
		if id := sip.LookupHeader(name); id != sip.HeaderOther {
			name = id.String()
		}
		if message.Carried(name) && !own(name) {
			t.Headers = append(t.Headers, call.Header{Name: strings.Clone(name), Value: strings.Clone(h.Value)})
		}
	}
	return t
}

// carriesCallID says whether a header is a Call-ID that may go on: phones that notify
// without CPIM name a text by it, so it is kept from end to end as a proxy keeps it. One
// that names the sender's host is not shown to others.
func carriesCallID(name, value string) bool {
	return strings.EqualFold(name, "Call-ID") && !strings.Contains(value, "@")
}
