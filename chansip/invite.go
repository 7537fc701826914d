package chansip

import (
	"fmt"
	"net/netip"
	"strings"

	"obelus/call"
	"obelus/chansip/door"
	"obelus/chansip/identity"
	"obelus/chansip/outside"
	"obelus/chansip/q850"
	"obelus/event"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/sdp"
	"obelus/sip/transport"
)

// invite serves an INVITE: a new call, or a change of one.
func (r *request) invite() {
	if r.M.ToTag() != "" {
		if l := r.legOf(); l != nil {
			l.reinvited(r)
		} else {
			r.Answer(481, "Call/Transaction Does Not Exist", nil)
		}
		return
	}
	if r.d.stopping.Load() {
		r.Answer(503, "", func(b *sip.Builder) { b.Header("Retry-After", "5") })
		return
	}
	switch r.Identify() {
	case door.Challenged, door.Refused:
		return
	}
	if r.M.Has(sip.HeaderReplaces) {
		r.replaces()
		return
	}
	r.newCall()
}

// newCall makes a call of an INVITE whose sender is known, or a guest.
func (r *request) newCall() {
	offer, ok := r.description()
	if !ok {
		return
	}
	l, ok := r.newLeg(offer == nil)
	if !ok {
		return
	}
	exten := r.RequestUser()
	if exten == "" {
		exten = "s"
	}
	number := r.callerParty().Number
	if !r.domain(l) {
		r.d.log.Info(fmt.Sprintf("Got SIP INVITE to non-local domain '%s'; refusing request.", r.M.RawURI()))
		r.Answer(404, "", nil)
		return
	}
	if !r.d.cfg.Exists(l.peer.Context, exten, number) {
		r.noSuch(l.peer, exten, number)
		return
	}
	if !r.open(l, offer) {
		return
	}
	r.begun(l, exten)
}

// newLeg makes the leg of an INVITE, its session timer agreed; false where the request
// has been answered.
func (r *request) newLeg(delayed bool) (*leg, bool) {
	l := &leg{
		d: r.d, set: r.Set, peer: r.settingsOf(), incoming: true, invite: r.Tx, request: r, flow: r.ReplyFlow(), delayed: delayed,
	}
	if r.Peer != nil {
		l.name = r.Peer.Name
	}
	var tooSmall bool
	if l.session, tooSmall = l.policy().Answer(r.M); tooSmall {
		r.Answer(422, "Session Interval Too Small", func(b *sip.Builder) {
			b.Header("Date", sip.Date(now()))
			b.Number(sip.HeaderMinSE, uint64(l.peer.Timers.Min.Seconds()))
		})
		return nil, false
	}
	return l, true
}

// domain looks at the domain that a call is for: one that is none of ours is refused where
// allowexternaldomains=no, and a guest's call begins in its context. As in the original
// an account's context counts for more.
func (r *request) domain(l *leg) bool {
	d, ours := r.Domain()
	if !ours {
		return r.Set.General.AllowExternal
	}
	if d.Context != "" && r.Peer == nil {
		guest := l.peer.Clone()
		guest.Context = d.Context
		l.peer = &guest
	}
	return true
}

// settingsOf are the settings that hold for the request: its account's, or those
// for guests.
func (r *request) settingsOf() *Peer {
	if r.Peer != nil {
		return r.Peer
	}
	return &r.Set.General.Default
}

func (l *leg) policy() dialog.SessionPolicy {
	t := l.peer.Timers
	return dialog.SessionPolicy{
		Refuse: t.Mode == "refuse", Originate: t.Mode == "originate", Expires: t.Expires, Min: t.Min, ByUAC: t.RefresherUAC,
	}
}

// noSuch answers for an extension that does not exist: 484 where more digits
// could make it exist.
func (r *request) noSuch(p *Peer, exten, number string) {
	if p.AllowOverlap && r.d.cfg.CanMatch(p.Context, exten, number) {
		r.Answer(484, "", nil)
		return
	}
	r.d.log.Info(fmt.Sprintf("Call from '%s' (%s) to extension '%s' rejected because extension not found in context '%s'.",
		p.Name, r.Flow.Remote, exten, p.Context))
	event.Publish(r.d.cfg.Bus, event.CallFailed{
		From: r.FromUser(), To: exten, Cause: int(call.CauseUnallocated),
		Reason: fmt.Sprintf("no extension '%s' in context '%s'", exten, p.Context),
	})
	r.Answer(404, "", nil)
}

// description reads the SDP of a request: nil where there is none. False means
// that the request has been answered.
func (r *request) description() (*sdp.Session, bool) {
	if len(r.M.Body()) == 0 {
		return nil, true
	}
	body, ok := r.M.Part(sdp.ContentType)
	if !ok {
		r.Answer(415, "", func(b *sip.Builder) { b.Add(sip.HeaderAccept, sdp.ContentType) })
		return nil, false
	}
	s, err := sdp.Parse(body)
	if err != nil {
		r.d.log.Info("a description could not be read", "from", r.Flow.Remote, "why", err)
		r.Answer(488, "Not acceptable here", nil)
		return nil, false
	}
	return s, true
}

// open takes media ports, agrees on formats and lists the leg; false where the
// request has been answered. Nobody gets ports who has not proved who they are
// (security class 24).
func (r *request) open(l *leg, offer *sdp.Session) bool {
	d, err := dialog.Accept(r.M.Clone(), outside.NewTag())
	if err != nil {
		r.Answer(400, "", nil)
		return false
	}
	l.dlg = d
	l.takes(r.M)
	r.Tag = d.ID.Local
	if r.Forced() {
		l.flow, l.atSource = r.Flow, true
	}
	l.contact = r.d.where.Contact(&l.set.General, l.flow, r.M.RawURI(), r.RequestUser())
	l.talk, err = r.d.openTalk(r.Set, l)
	if err != nil {
		r.d.log.Warn("no media for a call", "from", r.Flow.Remote, "why", err)
		r.Answer(503, "", nil)
		return false
	}
	l.follow()
	if offer != nil {
		if err := l.talk.TakeOffer(offer); err != nil {
			r.d.log.Info("a call is refused: 488", "from", r.Flow.Remote, "account", l.name, "why", err)
			l.talk.Session().Close()
			r.Answer(488, "Not acceptable here", nil)
			return false
		}
	}
	if !r.d.calls.add(l, l.peer.CallLimit) {
		l.talk.Session().Close()
		r.d.log.Warn(fmt.Sprintf("Call from peer '%s' rejected due to usage limit of %d", l.name, l.peer.CallLimit))
		r.Answer(480, "Temporarily Unavailable (Call limit)", nil)
		return false
	}
	return true
}

// begun answers 100, makes the channel and lets it run.
func (r *request) begun(l *leg, exten string) {
	r.channel(l, exten)
	l.ch.Start(r.d.cfg.Incoming(l.peer.Context, exten, 1))
}

// channel answers 100 and makes the channel of a leg.
func (r *request) channel(l *leg, exten string) {
	r.Answer(100, "", func(b *sip.Builder) { b.Add(sip.HeaderContact, l.contact) })
	name := l.name
	if name == "" {
		name = r.Flow.Remote.Addr().Unmap().String()
	}
	p, caller := l.peer, r.callerParty()
	l.ch = r.d.cfg.Registry.New(call.Spec{
		Name: r.d.channelName(name), Leg: l, State: call.StateRing,
		Identity: call.Identity{Caller: caller, ANI: caller.Number, DNID: exten},
		Place:    call.Place{Context: p.Context, Exten: exten, Priority: 1},
		Language: p.Language, Music: p.Music, Account: p.Account, AMAFlags: p.AMAFlags, Groups: p.Groups,
	})
	l.ch.SetToneZone(p.ToneZone)
	r.setVars(l.ch)
	r.redirected(l.ch)
	l.told.Store(l.ch)
}

// setVars sets the variables that the original sets on a call that comes in.
func (r *request) setVars(ch *call.Channel) {
	set := func(name, value string) {
		if value != "" {
			ch.Vars.Set(name, strings.Clone(value))
		}
	}
	set("SIPCALLID", r.M.CallID())
	set("SIPUSERAGENT", r.M.Value(sip.HeaderUserAgent))
	if u, err := r.M.RequestURI(); err == nil {
		set("SIPDOMAIN", u.Host)
	}
	if from, err := r.M.From(); err == nil {
		set("SIPURI", from.Addr)
	}
	for _, v := range r.settingsOf().Vars {
		ch.Vars.Set(v.Name, v.Value)
	}
}

// callerParty is who calls.
func (r *request) callerParty() call.Party {
	return identity.Caller(r.M, &r.Set.General, r.settingsOf())
}

// redirected is who has sent the call on that came, by Diversion, and the variables in
// which the original says so.
func (r *request) redirected(ch *call.Channel) {
	by, reason, domain, ok := identity.Diverted(r.M)
	if !ok {
		return
	}
	ch.ChangeIdentity(func(id *call.Identity) { id.Redirecting, id.RedirectReason = by, identity.Reason(reason) })
	ch.Vars.Set("__SIPRDNISDOMAIN", domain)
	ch.Vars.Set("__SIPREDIRECTREASON", reason)
	ch.Vars.Set("__PRIREDIRECTREASON", reason)
}

// cancel serves a CANCEL (RFC 3261 section 9.2).
func (r *request) cancel() {
	invite := r.Tx.Cancels()
	if invite == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	l := r.d.calls.invited(invite)
	if l != nil {
		r.Tag = l.dlg.ID.Local
	}
	r.Answer(200, "", nil)
	if l == nil {
		return
	}
	l.mu.Lock()
	ringing := l.state == legRinging
	if ringing {
		l.request.Answer(487, "", nil)
	}
	l.mu.Unlock()
	if ringing {
		l.ended(call.CauseNormalClearing)
	}
}

// ack serves an ACK of a 2xx; others have been absorbed.
func (r *request) ack() {
	l := r.legOf()
	if l == nil {
		return
	}
	cseq, err := r.M.CSeq()
	if err != nil {
		return
	}
	l.acked(cseq.Seq, r.M)
}

func (l *leg) acked(seq uint32, m *sip.Message) {
	defer l.review()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ok == nil || l.ok.seq != seq || l.state == legGone {
		return
	}
	l.ok.repeat.Stop()
	l.ok = nil
	l.theirs = false
	if l.delayed {
		l.delayed = false
		l.late(m)
	}
	l.turn()
}

// late takes the answer that came in an ACK (RFC 3261 section 13.2.2.4); l.mu is
// held.
func (l *leg) late(m *sip.Message) {
	body, ok := m.Part(sdp.ContentType)
	if ok && len(body) > 0 {
		if s, err := sdp.Parse(body); err == nil && l.takeAnswer(s) {
			return
		}
	}
	l.ch.Log().Info("the ACK of a call without a description has none we can use: hanging up")
	l.sayBye(call.CauseBearerNotAvail)
	go l.ended(call.CauseBearerNotAvail)
}

// bye serves a BYE.
func (r *request) bye() {
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if !l.inOrder(r) {
		return
	}
	r.Answer(200, "", nil)
	cause := q850.Reason(r.M)
	if cause == call.CauseNone {
		cause = call.CauseNormalClearing
	}
	l.mu.Lock()
	l.sentBye = true
	if l.incoming && l.state == legRinging {
		l.request.Answer(487, "", nil) // RFC 3261 section 15.1.2
	}
	l.mu.Unlock()
	l.ended(cause)
}

// inOrder takes the request's sequence number; one that was overtaken is
// answered 500.
func (l *leg) inOrder(r *request) bool {
	r.Tag = l.dlg.ID.Local
	cseq, err := r.M.CSeq()
	l.mu.Lock()
	ok := err == nil && l.dlg.InOrder(cseq.Seq)
	if ok {
		l.spoke(r)
	}
	l.mu.Unlock()
	if !ok {
		r.Answer(500, "", nil)
	}
	return ok
}

// mediaAddr is the address that a phone is told to send sound to.
func (d *Driver) mediaAddr(set *Settings, f transport.Flow) netip.Addr {
	return d.where.Media(&set.General, f)
}
