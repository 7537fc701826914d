package chansip

import (
	"context"

	"obelus/call"
	"obelus/chansip/text"
	"obelus/message"
)

// message serves a MESSAGE (RFC 3428): within a call for the other party, outside
// of one for the dialplan.
func (r *request) message() {
	if r.M.ToTag() != "" {
		r.textWithin()
		return
	}
	r.d.desk.Serve(&r.Request)
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
	l.ch.Notify(call.Event{Kind: call.EventText, Indication: text.Within(r.M)})
}

// Send sends a text message to the phones of an account, or to somebody at a
// host. It returns when one of them has taken it, or all have refused.
func (d *Driver) Send(ctx context.Context, m *message.Message) error { return d.texts.Send(ctx, m) }

// Texts are the phones for texts that wait.
func (d *Driver) Texts() text.Phones { return text.Phones{Sender: d.texts} }
