package chansip

import (
	"strings"

	"obelus/chansip/door"
	"obelus/sip"
)

// subscribe serves a SUBSCRIBE. There is nothing to subscribe to yet: after the
// proof of who asks it is refused as the original refuses what it lacks.
func (r *request) subscribe() {
	if r.M.ToTag() != "" {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !r.Set.General.AllowSubscribe {
		r.Answer(403, "Forbidden (policy)", nil)
		return
	}
	if v := r.Identify(); v != door.Known && v != door.Guest {
		return
	}
	event, _ := r.M.Header("Event")
	event, _, _ = strings.Cut(event, ";")
	switch strings.ToLower(strings.TrimSpace(event)) {
	case "message-summary":
		r.Answer(404, "Not found (no mailbox)", nil)
	case "presence", "dialog":
		r.Answer(404, "", nil)
	default:
		r.Answer(489, "Bad Event", nil)
	}
}

// publish serves a PUBLISH: as in the original without an event package for it.
func (r *request) publish() { r.Answer(489, "Bad Event", nil) }

// notify serves a NOTIFY. One outside of a dialog is taken and means nothing, as
// in the original: phones send them about mailboxes.
func (r *request) notify() {
	if r.M.ToTag() == "" {
		r.Answer(200, "", nil)
		return
	}
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if l.inOrder(r) {
		r.Answer(200, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	}
}
