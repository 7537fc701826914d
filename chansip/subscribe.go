package chansip

import "obelus/sip"

// subscribe serves a SUBSCRIBE: not one within a call, as in the original.
func (r *request) subscribe() {
	if r.M.ToTag() != "" && r.legOf() != nil {
		r.Answer(403, "Forbidden (within dialog)", nil)
		return
	}
	r.d.lamps.Subscribe(&r.Request)
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
		l.mu.Lock()
		l.referred.Notified(r.M)
		l.mu.Unlock()
		r.Answer(200, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	}
}
