package chansip

import (
	"errors"
	"fmt"

	"obelus/call"
	"obelus/sip"
)

// refer serves a REFER within a call: a blind transfer (RFC 3515). The party at
// the other end goes to the extension that Refer-To names, in the context of
// TRANSFER_CONTEXT or of the account that transfers.
func (r *request) refer() {
	l := r.legOf()
	if l == nil {
		r.Answer(603, "Declined (No dialog)", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	if !l.peer.AllowTransfer {
		r.Answer(603, "Declined (policy)", nil)
		return
	}
	exten, status := r.referTo()
	if status != 0 {
		r.Answer(status, "", nil)
		return
	}
	context, ok := l.ch.Vars.Get("TRANSFER_CONTEXT")
	if !ok || context == "" {
		context = l.peer.Context
	}
	if !r.d.cfg.Exists(context, exten, l.ch.Identity().Caller.Number) {
		r.Answer(404, "", nil)
		return
	}
	r.Answer(202, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	other, err := call.TransferOther(l.ch, r.d.cfg.Incoming(context, exten, 1), func(o *call.Channel) {
		o.Vars.Set("BLINDTRANSFER", l.ch.Name())
		o.Vars.Set("SIPTRANSFER", "yes")
		o.Vars.Set("SIPREFERRINGCONTEXT", context)
		l.report(nil) // before it goes: once it has, this leg may be hung up at any moment
	})
	if errors.Is(err, call.ErrNotBridged) {
		l.report(err)
	}
	if err != nil {
		l.ch.Log().Info("a transfer was not made", "to", exten, "why", err)
		return
	}
	l.ch.Log().Info("transferred", "who", other.Name(), "to", exten, "context", context)
	l.ch.Hangup(call.CauseNormalClearing)
}

// referTo reads who a REFER names; a status other than 0 refuses it.
func (r *request) referTo() (exten string, status int) {
	v, ok := r.M.Header("Refer-To")
	if !ok {
		return "", 400
	}
	a, err := sip.ParseNameAddr(v)
	if err != nil {
		return "", 400
	}
	u, err := a.URI()
	if err != nil || u.Who() == "" {
		return "", 400
	}
	if u.Headers != "" {
		return "", 501 // attended transfer: a Replaces in the URI
	}
	return u.Who(), 0
}

// report tells the phone that transferred what became of it, by the NOTIFY that
// RFC 3515 asks for.
func (l *leg) report(err error) {
	line := "SIP/2.0 200 OK"
	if err != nil {
		line = "SIP/2.0 503 Service Unavailable"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == legGone {
		return
	}
	b, branch := l.begin(l.dlg, sip.NOTIFY)
	b.Header("Event", fmt.Sprintf("refer;id=%d", l.dlg.RemoteSeq()))
	b.Header("Subscription-State", "terminated;reason=noresource")
	l.sendOwn(b.End("message/sipfrag;version=2.0", []byte(line+"\r\n")), branch, sip.NOTIFY, ignore{})
}
