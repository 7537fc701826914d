package chansip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"obelus/call"
	"obelus/chansip/door"
	"obelus/chansip/text"
	"obelus/event"
	"obelus/message"
	"obelus/sip"
)

// message serves a MESSAGE (RFC 3428): within a call for the other party, outside
// of one for the dialplan.
func (r *request) message() {
	if r.M.ToTag() != "" {
		r.textWithin()
		return
	}
	if v := r.whoTexts(); v != door.Known && v != door.Guest {
		return
	}
	p := r.settingsOf()
	if !p.AcceptMessages {
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
	if !r.d.cfg.Exists(to, exten, r.FromUser()) {
		r.Answer(404, "", nil)
		return
	}
	m := r.text(p, to, exten)
	if r.d.cfg.Text == nil {
		r.Answer(405, "", nil)
		return
	}
	answered := make(chan struct{})
	defer close(answered)
	m.Answered = answered
	received := event.MessageReceived{From: m.From, To: m.To, ContentType: m.ContentType, Size: len(m.Body)}
	if err := r.d.cfg.Text(m.From+"\x00"+m.To, m); err != nil { // from here on m is the dialplan's
		r.d.log.Warn("a text message was refused", "from", received.From, "why", err)
		r.Answer(503, "", func(b *sip.Builder) { b.Header("Retry-After", "30") })
		return
	}
	event.Publish(r.d.cfg.Bus, received)
	r.Answer(202, "", nil)
}

// whoTexts is identify for a text: auth_message_requests=no leaves it unproved.
func (r *request) whoTexts() door.Verdict {
	if r.Set.General.AuthMessages {
		return r.Identify()
	}
	r.Peer = r.Account()
	if r.Peer != nil {
		return door.Known
	}
	return door.Guest
}

// text makes the message that goes through the dialplan. Its body is what came,
// byte for byte, whatever its type.
func (r *request) text(p *Peer, context, exten string) *message.Message {
	m := &message.Message{
		ContentType: strings.Clone(r.M.Value(sip.HeaderContentType)), Body: append([]byte(nil), r.M.Body()...),
		Context: context, Exten: strings.Clone(exten), At: now(),
	}
	if r.Peer != nil {
		m.Peer = p.Name
	}
	if to, err := r.M.To(); err == nil {
		m.To = strings.Clone(to.Addr)
	}
	if from, err := r.M.From(); err == nil {
		from.Params = ""
		m.From = from.String()
	}
	for h := range r.M.Headers() {
		if name := h.Name; strings.HasPrefix(strings.ToLower(name), "x-") {
			m.SetData(strings.Clone(name), strings.Clone(h.Value), false)
		}
	}
	m.SetData("SIP_RECVADDR", r.Flow.Remote.Addr().Unmap().String(), false)
	return m
}

// textWithin gives a text of a call to the channel.
func (r *request) textWithin() {
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	r.Answer(202, "", nil)
	l.ch.Notify(call.Event{Kind: call.EventText, Indication: call.Text{
		ContentType: strings.Clone(r.M.Value(sip.HeaderContentType)), Body: append([]byte(nil), r.M.Body()...),
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
	ways := slices.Clone(to.ways)
	for i := range ways {
		if to.number != "" {
			ways[i].URI = withUser(ways[i].URI, to.number)
		}
	}
	return d.texts.Send(ctx, text.To{Settings: set, Peer: to.peer, Ways: ways}, m)
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
