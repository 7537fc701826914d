package chansip

import (
	"errors"
	"net/netip"

	"obelus/call"
	"obelus/chansip/referral"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/transport"
)

// refer serves a REFER within a call (RFC 3515): a transfer. The party at the other
// end goes to the extension that Refer-To names, in the context of TRANSFER_CONTEXT
// or of the account that transfers, or to where another call of the phone is.
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
	exten, headers, ok := referral.To(r.M)
	if !ok {
		r.Answer(400, "", nil)
		return
	}
	if with, attended, err := dialog.ReplacesIn(headers); err != nil {
		r.Answer(400, "", nil)
	} else if attended {
		r.attended(l, with)
	} else {
		r.blind(l, exten)
	}
}

// attended is an attended transfer (RFC 5589 section 7): the party of this call and that
// of the other call of the phone talk with each other from now on, and both calls of the
// phone are over.
func (r *request) attended(l *leg, with dialog.Replaces) {
	other := r.d.calls.find(with.ID)
	if other == nil { // some phones write the tags as they see them themselves
		other = r.d.calls.find(dialog.ID{CallID: with.CallID, Local: with.Remote, Remote: with.Local})
	}
	r.Answer(202, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	if other == nil || other == l || !l.samePhone(other) {
		l.ch.Log().Info("a transfer was not made: the phone has no such second call", "call-id", with.CallID)
		l.reportLine("SIP/2.0 481 Call leg/transaction does not exist")
		return
	}
	at := func(p call.Place) call.Order { return r.d.cfg.Incoming(p.Context, p.Exten, p.Priority) }
	who, err := call.TransferAttended(l.ch, other.ch, at)
	l.report(err)
	if err != nil {
		l.ch.Log().Info("a transfer was not made", "with", other.ch.Name(), "why", err)
		return
	}
	who.Vars.Set("SIPTRANSFER", "yes")
	who.Vars.Set("ATTENDEDTRANSFER", l.ch.Name())
	l.ch.Log().Info("transferred", "who", who.Name(), "with", other.ch.Name())
	l.ch.Hangup(call.CauseNormalClearing)
	other.ch.Hangup(call.CauseNormalClearing)
}

// samePhone says whether another call is of the same account; of guests, whether it is from the same address
// (security class 16: a call's tags are no secret between guests).
func (l *leg) samePhone(o *leg) bool {
	if l.name != "" || o.name != "" {
		return l.name == o.name
	}
	return l.source() == o.source()
}

// source is the address that the phone is at.
func (l *leg) source() netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return transport.Unmap(l.flow.Remote).Addr()
}

// blind is a blind transfer (RFC 5589 section 6).
func (r *request) blind(l *leg, exten string) {
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

// report tells the phone that transferred what became of it, by the NOTIFY that
// RFC 3515 asks for.
func (l *leg) report(err error) {
	if err != nil {
		l.reportLine("SIP/2.0 503 Service Unavailable")
		return
	}
	l.reportLine("SIP/2.0 200 OK")
}

// reportLine is report in the words of a status line.
func (l *leg) reportLine(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == legGone {
		return
	}
	b, branch := l.begin(l.dlg, sip.NOTIFY)
	referral.Report(&b, l.dlg.RemoteSeq())
	l.sendOwn(b.End("message/sipfrag;version=2.0", []byte(line+"\r\n")), branch, sip.NOTIFY, ignore{})
}
